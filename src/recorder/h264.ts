/**
 * What the recorder must know of H.264 (ITU-T H.264, 7.3 and Annex A).
 * @module
 */
import { split } from "./annex-b.ts";
import { BitReader } from "./bit-reader.ts";
import type { Size } from "./jpeg.ts";
import type { DecoderConfiguration, NalCodec } from "./nal-codec.ts";

const IDR = 5;
const SPS = 7;
const PPS = 8;

const type = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f;

/** H.264. */
export const H264: NalCodec = {
  parameterSet: (unit) =>
    type(unit) === SPS || type(unit) === PPS ? `${type(unit)} ${idOf(unit)}` : undefined,
  isSlice: (unit) => type(unit) >= 1 && type(unit) <= IDR,
  isKeyframe: (slice) => type(slice) === IDR,
  isDiscardable: (slice) => ((slice[0] ?? 0) & 0x60) === 0,
  isSequence: (unit) => type(unit) === SPS,
  codecString: (sps) => `avc1.${Buffer.from(sps.subarray(1, 4)).toString("hex").toUpperCase()}`,
  size,
  configuration,
};

/** Profiles that browsers decode: baseline, main, high. Others are of more than 8 bits, or 4:2:2, or scalable. */
export function playsInBrowsers(codecString: string): boolean {
  return /^avc1\.(42|4D|58|64)/i.test(codecString);
}

// [level_idc, macroblocks per second, macroblocks per picture]: Table A-1. Lower ones are of no use: every decoder has 3.
const LEVELS = [
  [30, 40_500, 1620],
  [31, 108_000, 3600],
  [32, 216_000, 5120],
  [40, 245_760, 8192],
  [42, 522_240, 8704],
  [50, 589_824, 22_080],
  [51, 983_040, 36_864],
  [52, 2_073_600, 36_864],
  [60, 4_177_920, 139_264],
  [62, 16_711_680, 139_264],
] as const;

/** The `level_idc` that a stream of this size and rate needs, 30 at least. */
export function levelFor({ width, height }: Size, rate: number): number {
  const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const found = LEVELS.find(
    ([, perSecond, perPicture]) => macroblocks <= perPicture && macroblocks * rate <= perSecond,
  );
  return found?.[0] ?? 62;
}

function idOf(unit: Uint8Array): number {
  const reader = new BitReader(unit.subarray(0, 16));
  reader.skip(type(unit) === SPS ? 32 : 8);
  return reader.ue();
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function size(sps: Uint8Array): Size {
  const reader = new BitReader(sps);
  reader.skip(8);
  const profile = reader.bits(8);
  reader.skip(16);
  reader.ue(); // seq_parameter_set_id
  const chroma = HIGH_PROFILES.has(profile) ? skipHighFields(reader) : 1;
  reader.ue(); // log2_max_frame_num_minus4
  const orderType = reader.ue();
  if (orderType === 0) {
    reader.ue();
  } else if (orderType === 1) {
    reader.skip(1);
    reader.se();
    reader.se();
    for (let left = reader.ue(); left > 0; left--) reader.se();
  }
  reader.ue(); // max_num_ref_frames
  reader.skip(1);
  const widthBlocks = reader.ue() + 1;
  const heightUnits = reader.ue() + 1;
  const fields = reader.flag() ? 1 : 2;
  if (fields === 2) reader.skip(1);
  reader.skip(1); // direct_8x8_inference_flag
  const crop = reader.flag() ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()] : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const cropX = chroma === 1 || chroma === 2 ? 2 : 1;
  const cropY = (chroma === 1 ? 2 : 1) * fields;
  return {
    width: widthBlocks * 16 - (left + right) * cropX,
    height: heightUnits * 16 * fields - (top + bottom) * cropY,
  };
}

/** Leaves the fields of the high profiles behind; what is of use of them: `chroma_format_idc`. */
function skipHighFields(reader: BitReader): number {
  const chroma = reader.ue();
  if (chroma === 3) reader.skip(1);
  reader.ue();
  reader.ue();
  reader.skip(1);
  if (reader.flag()) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
      if (reader.flag()) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return chroma;
}

function skipScalingList(reader: BitReader, entries: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < entries; i++) {
    if (next !== 0) next = (last + reader.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** What an `avcC` box says (ISO/IEC 14496-15, 5.3.3), or parameter sets in Annex B. */
function configuration(bytes: Uint8Array): DecoderConfiguration {
  if (bytes[0] !== 1) return { parameterSets: split(bytes) };
  const parameterSets: Uint8Array[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    for (let left = (bytes[at++] ?? 0) & mask; left > 0 && at + 2 <= bytes.byteLength; left--) {
      const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
      parameterSets.push(bytes.slice(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return { lengthBytes: ((bytes[4] ?? 3) & 3) + 1, parameterSets };
}
