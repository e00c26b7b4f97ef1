/**
 * How NAL units of H.264 and H.265 stand behind each other: with a start code in front (Annex B of ITU-T H.264, as the wire
 * carries them) or with their length (as files hold them).
 * @module
 */

const START_CODE_BYTES = 3;
const LONG_START_CODE = Uint8Array.of(0, 0, 0, 1);

/**
 * The NAL units of `stream`, in order, without start codes. Views, not copies. A start code is 00 00 01; zeros before
 * it belong to nobody (trailing_zero_8bits, zero_byte: section B.1), for a NAL unit never ends with one.
 */
export function split(stream: Uint8Array): Uint8Array[] {
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

/** The NAL units of `bytes`, as views, where each has its length in front in `lengthBytes` bytes. Ends where one is cut off. */
export function splitByLength(bytes: Uint8Array, lengthBytes: number): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + lengthBytes <= bytes.length) {
    let length = 0;
    for (let n = 0; n < lengthBytes; n++) length = length * 256 + (bytes[at++] ?? 0);
    if (length > bytes.length - at) break;
    if (length > 0) units.push(bytes.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** `units` with start codes, in one new array. */
export function join(units: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + LONG_START_CODE.length + unit.length, 0));
  let at = 0;
  for (const unit of units) {
    bytes.set(LONG_START_CODE, at);
    bytes.set(unit, at + LONG_START_CODE.length);
    at += LONG_START_CODE.length + unit.length;
  }
  return bytes;
}
