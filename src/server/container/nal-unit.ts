/**
 * The parts of an H.264 byte stream (ITU-T H.264 Annex B): NAL units, each behind a start code.
 * @module
 */

/** Types of NAL units (ITU-T H.264 table 7-1), as far as a container cares. */
export const NalType = {
  /** Coded slice of an IDR picture. */
  IDR: 5,
  /** Sequence parameter set. */
  SPS: 7,
  /** Picture parameter set. */
  PPS: 8,
  /** Access unit delimiter. */
  DELIMITER: 9,
  /** Filler data: makes a stream longer, and nothing else. */
  FILLER: 12,
} as const;

/** What kind of NAL unit it is: the low five bits of its first byte (ITU-T H.264 section 7.3.1). */
export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/**
 * The NAL units of `stream`, in order, without start codes. Views, not copies. A start code is 00 00 01; zeros before
 * it belong to nobody (trailing_zero_8bits, zero_byte: section B.1), for a NAL unit never ends with one.
 */
export function nalUnits(stream: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = startCode(stream, 0);
  while (start < stream.length) {
    const begin = start + START_CODE_BYTES;
    const next = startCode(stream, begin);
    let end = next;
    while (end > begin && stream[end - 1] === 0) end--;
    if (end > begin) units.push(stream.subarray(begin, end));
    start = next;
  }
  return units;
}

const START_CODE_BYTES = 3;

/** Where the next start code begins, from `from` on; the length of `stream` if there is none. */
function startCode(stream: Uint8Array, from: number): number {
  for (let at = from + 2; at < stream.length; ) {
    const byte = stream[at] as number;
    // Only a byte of 0 or 1 can be inside or at the end of a start code: any other is passed over with its two neighbours.
    if (byte > 1) at += 3;
    else if (byte === 1 && stream[at - 1] === 0 && stream[at - 2] === 0) return at - 2;
    else at++;
  }
  return stream.length;
}
