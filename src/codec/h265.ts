/**
 * H.265 as far as one must know it who carries it (ITU-T H.265, 7.3; ISO/IEC 14496-15, 8.3.3 and Annex E).
 * @module
 */
import { split } from "./annex-b.ts";
import { BitReader } from "./bit-reader.ts";
import type { DecoderConfiguration, NalCodec } from "./nal-codec.ts";
import type { Size } from "./size.ts";

const FIRST_IRAP = 16;
const LAST_IRAP = 21;
const VPS = 32;
const SPS = 33;
const PPS = 34;
/** Where the profile stands in a sequence parameter set, in bits: behind the header and two small fields. */
const PROFILE_BITS = 16 + 8;

const type = (unit: Uint8Array): number => ((unit[0] ?? 0) >> 1) & 0x3f;

/** H.265. */
export const H265: NalCodec = {
  parameterSet: (unit) =>
    type(unit) >= VPS && type(unit) <= PPS ? `${type(unit)} ${idOf(unit)}` : undefined,
  isSlice: (unit) => type(unit) < VPS,
  isKeyframe: (slice) => type(slice) >= FIRST_IRAP && type(slice) <= LAST_IRAP,
  // A picture that its own layer does not need may be needed by a higher one: none is called discardable.
  isDiscardable: () => false,
  isSequence: (unit) => type(unit) === SPS,
  codecString,
  size,
  configuration,
};

function idOf(unit: Uint8Array): number {
  const reader = BitReader.ofUnit(unit.subarray(0, 128));
  reader.skip(16);
  if (type(unit) === VPS) return reader.bits(4);
  if (type(unit) === SPS) skipProfile(reader);
  return reader.ue();
}

/** `hev1.`, for parameter sets travel in the stream. */
function codecString(sps: Uint8Array): string {
  const reader = BitReader.ofUnit(sps.subarray(0, 64));
  reader.skip(PROFILE_BITS);
  const space = ["", "A", "B", "C"][reader.bits(2)] ?? "";
  const tier = reader.flag() ? "H" : "L";
  const profile = reader.bits(5);
  let compatibility = 0;
  // The lowest bit is that of profile 0, which stands first.
  for (let bit = 0; bit < 32; bit++) if (reader.flag()) compatibility += 2 ** bit;
  const constraints = Array.from({ length: 6 }, () => reader.bits(8));
  while (constraints.at(-1) === 0) constraints.pop();
  const level = reader.bits(8);
  const parts = [`${space}${profile}`, hex(compatibility), `${tier}${level}`, ...constraints.map(hex)];
  return `hev1.${parts.join(".")}`;
}

const hex = (value: number): string => value.toString(16).toUpperCase();

// From the field behind the header up to the id of the set.
function skipProfile(reader: BitReader): void {
  reader.skip(4);
  const layers = reader.bits(3);
  reader.skip(1 + 96);
  if (layers === 0) return;
  const present = Array.from({ length: layers }, () => ({ profile: reader.flag(), level: reader.flag() }));
  reader.skip(2 * (8 - layers));
  for (const { profile, level } of present) reader.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

function size(sps: Uint8Array): Size {
  const reader = BitReader.ofUnit(sps);
  reader.skip(16);
  skipProfile(reader);
  reader.ue(); // sps_seq_parameter_set_id
  const chroma = reader.ue();
  if (chroma === 3) reader.skip(1);
  const width = reader.ue();
  const height = reader.ue();
  const crop = reader.flag() ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()] : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  return {
    width: width - (left + right) * (chroma === 1 || chroma === 2 ? 2 : 1),
    height: height - (top + bottom) * (chroma === 1 ? 2 : 1),
  };
}

/** What an `hvcC` box says, or parameter sets in Annex B. */
function configuration(bytes: Uint8Array): DecoderConfiguration {
  if (bytes[0] !== 1) return { parameterSets: split(bytes) };
  const parameterSets: Uint8Array[] = [];
  let at = 23;
  for (let arrays = bytes[22] ?? 0; arrays > 0; arrays--) {
    let left = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    at += 3;
    for (; left > 0 && at + 2 <= bytes.byteLength; left--) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      parameterSets.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return { lengthBytes: ((bytes[21] ?? 3) & 3) + 1, parameterSets };
}
