/**
 * How NAL units of H.264 and H.265 stand behind each other: with a start code in front (Annex B, what decoders of live
 * streams take) or with their length (what files hold).
 * @module
 */

const START_CODE = Buffer.of(0, 0, 1);
const LONG_START_CODE = Uint8Array.of(0, 0, 0, 1);

/** The NAL units of `bytes`, as views of it without their start codes. */
export function split(bytes: Uint8Array): Uint8Array[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const units: Uint8Array[] = [];
  let at = buffer.indexOf(START_CODE);
  while (at >= 0) {
    const from = at + START_CODE.length;
    at = buffer.indexOf(START_CODE, from);
    let to = at < 0 ? buffer.length : at;
    // A unit never ends with a zero: those belong to the next start code, or pad.
    while (to > from && buffer[to - 1] === 0) to--;
    if (to > from) units.push(bytes.subarray(from, to));
  }
  return units;
}

/** The NAL units of `bytes`, as views, where each has its length in front in `lengthBytes` bytes. */
export function splitByLength(bytes: Uint8Array, lengthBytes: number): Uint8Array[] {
  const units: Uint8Array[] = [];
  let at = 0;
  while (at + lengthBytes <= bytes.byteLength) {
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at++] ?? 0);
    if (length > bytes.byteLength - at) break;
    if (length > 0) units.push(bytes.subarray(at, at + length));
    at += length;
  }
  return units;
}

/** `units` with start codes, in one new array. */
export function join(units: readonly Uint8Array[]): Uint8Array {
  const total = units.reduce((sum, unit) => sum + LONG_START_CODE.byteLength + unit.byteLength, 0);
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const unit of units) {
    bytes.set(LONG_START_CODE, at);
    bytes.set(unit, at + LONG_START_CODE.byteLength);
    at += LONG_START_CODE.byteLength + unit.byteLength;
  }
  return bytes;
}
