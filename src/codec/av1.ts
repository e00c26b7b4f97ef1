import { BitReader } from "./bit-reader.ts";
import type { Size } from "./size.ts";

const SEQUENCE_HEADER = 1;

/** What a sequence header of AV1 says. */
export interface Av1Sequence {
  /** As WebCodecs names it: `av01.0.04M.08`. */
  readonly codec: string;
  /** The largest picture of the sequence; one may say that it is smaller. */
  readonly size: Size;
}

/** Read the sequence header of a temporal unit (AV1 specification, sections 5.3 and 5.5); `undefined` if it has none. */
export function readAv1Sequence(unit: Uint8Array): Av1Sequence | undefined {
  for (let at = 0; at < unit.length; ) {
    const head = unit[at++] ?? 0;
    // forbidden 0, type u4, extension, has size, reserved
    if ((head & 0x04) !== 0) at++;
    let length = unit.length - at;
    if ((head & 0x02) !== 0) {
      // leb128: seven bits a byte, the lowest first
      length = 0;
      for (let shift = 0; shift < 56; shift += 7) {
        const byte = unit[at++] ?? 0;
        length += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) break;
      }
    }
    if (((head >> 3) & 0x0f) === SEQUENCE_HEADER) return readHeader(unit.subarray(at, at + length));
    at += length;
  }
  return undefined;
}

function readHeader(header: Uint8Array): Av1Sequence {
  const reader = new BitReader(header);
  const profile = reader.bits(3);
  reader.skip(1); // still_picture
  const reduced = reader.flag();
  const { level, tier } = reduced ? { level: reader.bits(5), tier: 0 } : readOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const size = { width: reader.bits(widthBits) + 1, height: reader.bits(heightBits) + 1 };
  skipTools(reader, reduced);
  const high = reader.flag();
  const depth = high ? (profile === 2 && reader.flag() ? 12 : 10) : 8;
  const two = (value: number): string => `${value}`.padStart(2, "0");
  return { codec: `av01.${profile}.${two(level)}${tier === 1 ? "H" : "M"}.${two(depth)}`, size };
}

/** Level and tier of the first of them, which is all of the stream. */
function readOperatingPoints(reader: BitReader): { level: number; tier: number } {
  let delayBits = 0;
  if (reader.flag()) {
    reader.skip(64); // ticks of the display and of the clock
    if (reader.flag()) reader.ue(); // num_ticks_per_picture_minus_1
    if (reader.flag()) {
      delayBits = reader.bits(5) + 1;
      reader.skip(32 + 5 + 5);
    }
  }
  const displayDelay = reader.flag();
  const found: { level: number; tier: number }[] = [];
  for (let left = reader.bits(5) + 1; left > 0; left--) {
    reader.skip(12); // operating_point_idc
    const level = reader.bits(5);
    found.push({ level, tier: level > 7 ? reader.bits(1) : 0 });
    if (delayBits > 0 && reader.flag()) reader.skip(2 * delayBits + 1);
    if (displayDelay && reader.flag()) reader.skip(4);
  }
  return found[0] ?? { level: 0, tier: 0 };
}

/** What stands between the size and the colour. */
function skipTools(reader: BitReader, reduced: boolean): void {
  if (!reduced && reader.flag()) reader.skip(4 + 3); // frame ids
  reader.skip(3);
  if (!reduced) {
    reader.skip(4);
    const ordered = reader.flag();
    if (ordered) reader.skip(2);
    const screenContent = reader.flag() || reader.flag();
    // seq_choose_integer_mv; else seq_force_integer_mv
    if (screenContent && !reader.flag()) reader.skip(1);
    if (ordered) reader.skip(3);
  }
  reader.skip(3); // superres, cdef, restoration
}
