import { BitReader } from "./bit-reader.ts";
import type { Size } from "./size.ts";

/** What a sequence parameter set of H.264 says (ITU-T H.264 section 7.3.2.1.1). */
export interface SequenceParameters extends Size {
  /** As WebCodecs and Media Source Extensions name the codec: `avc1.42E01F`. */
  readonly codec: string;
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

/** Profiles whose sequence parameter sets say more about colour. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
]);

/** The most pictures that a cycle of picture order may have. */
const MAX_ORDER_CYCLE = 255;

/** Read a sequence parameter set up to the size of the picture. One that is cut off reads as if zeros followed. */
export function readSequence(sps: Uint8Array): SequenceParameters {
  const reader = BitReader.ofUnit(sps);
  reader.skip(8);
  const profile = reader.bits(8);
  reader.skip(16); // constraint flags, level
  reader.ue(); // seq_parameter_set_id
  const colour = HIGH_PROFILES.has(profile) ? readColour(reader) : PLAIN;
  reader.ue(); // log2_max_frame_num_minus4
  skipPictureOrder(reader);
  reader.ue(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  const columns = reader.ue() + 1;
  const rows = reader.ue() + 1;
  const framesOnly = reader.flag();
  if (!framesOnly) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const [left = 0, right = 0, top = 0, bottom = 0] = reader.flag()
    ? [reader.ue(), reader.ue(), reader.ue(), reader.ue()]
    : [];
  // Table 6-1: how many luma samples one unit of the crop is. Fields count rows in pairs.
  const fields = framesOnly ? 1 : 2;
  const planes = colour.separatePlanes ? 0 : colour.chromaFormat;
  const across = planes === 1 || planes === 2 ? 2 : 1;
  const down = (planes === 1 ? 2 : 1) * fields;
  const { chromaFormat, lumaBits, chromaBits } = colour;
  return {
    codec: codecString(sps),
    width: columns * 16 - across * (left + right),
    height: rows * 16 * fields - down * (top + bottom),
    chromaFormat,
    lumaBits,
    chromaBits,
  };
}

/** The codec of a sequence parameter set: profile, constraint flags and level in hexadecimal digits. */
export function codecString(sps: Uint8Array): string {
  const digits = [1, 2, 3].map((at) => (sps[at] ?? 0).toString(16).padStart(2, "0"));
  return `avc1.${digits.join("").toUpperCase()}`;
}

/** Whether the parameter sets of a profile, and with them `avcC`, hold the fields of the high profiles. */
export function isHighProfile(profile: number): boolean {
  return HIGH_PROFILES.has(profile);
}

interface Colour extends Pick<SequenceParameters, "chromaFormat" | "lumaBits" | "chromaBits"> {
  readonly separatePlanes: boolean;
}

const PLAIN: Colour = { chromaFormat: 1, separatePlanes: false, lumaBits: 8, chromaBits: 8 };

function readColour(reader: BitReader): Colour {
  const chromaFormat = reader.ue();
  const separatePlanes = chromaFormat === 3 && reader.flag();
  const lumaBits = 8 + reader.ue();
  const chromaBits = 8 + reader.ue();
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  return { chromaFormat, separatePlanes, lumaBits, chromaBits };
}

/** Section 7.3.2.1.1.1. */
function skipScalingLists(reader: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!reader.flag()) continue;
    let next = 8;
    for (let left = list < 6 ? 16 : 64; left > 0 && next !== 0; left--) {
      next = (next + reader.se() + 256) % 256;
    }
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.ue();
  if (type === 0) {
    reader.ue(); // log2_max_pic_order_cnt_lsb_minus4
  } else if (type === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    reader.se(); // offset_for_non_ref_pic
    reader.se(); // offset_for_top_to_bottom_field
    for (let left = Math.min(MAX_ORDER_CYCLE, reader.ue()); left > 0; left--) reader.se();
  }
}
