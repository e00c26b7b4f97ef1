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
  readonly order: OrderParameters;
}

/** What is needed to read in which order pictures are shown. */
export interface OrderParameters {
  /** Bits of `frame_num` in a slice. */
  readonly frameNumberBits: number;
  /** `pic_order_cnt_type`: 0, said in each slice; 1, by a cycle; 2, as decoded. */
  readonly type: number;
  /** Bits of `pic_order_cnt_lsb` in a slice; with type 0 only. */
  readonly countBits: number;
  /** There are no fields. */
  readonly framesOnly: boolean;
  /** Slices name the colour plane that they are of. */
  readonly separatePlanes: boolean;
  /** Pictures that may be decoded before one that is shown earlier; absent where it is not said. */
  readonly reordered?: number | undefined;
}

/** Profiles whose sequence parameter sets say more about colour. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
]);

/** Of `aspect_ratio_idc`: width and height follow. */
const EXTENDED_ASPECT = 255;
/** The most buffers that a stream may be bounded for. */
const MAX_BUFFERS = 32;

/** The most pictures that a cycle of picture order may have. */
const MAX_ORDER_CYCLE = 255;

/** Read a sequence parameter set. One that is cut off reads as if zeros followed. */
export function readSequence(sps: Uint8Array): SequenceParameters {
  const reader = BitReader.ofUnit(sps);
  reader.skip(8);
  const profile = reader.bits(8);
  reader.skip(16); // constraint flags, level
  reader.ue(); // seq_parameter_set_id
  const colour = HIGH_PROFILES.has(profile) ? readColour(reader) : PLAIN;
  const frameNumberBits = 4 + reader.ue();
  const { type, countBits } = readPictureOrder(reader);
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
  const { chromaFormat, separatePlanes, lumaBits, chromaBits } = colour;
  const reordered = reader.flag() ? readReordered(reader) : undefined;
  return {
    codec: codecString(sps),
    width: columns * 16 - across * (left + right),
    height: rows * 16 * fields - down * (top + bottom),
    chromaFormat,
    lumaBits,
    chromaBits,
    order: { frameNumberBits, type, countBits, framesOnly, separatePlanes, reordered },
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

function readPictureOrder(reader: BitReader): Pick<OrderParameters, "type" | "countBits"> {
  const type = reader.ue();
  if (type === 0) return { type, countBits: 4 + reader.ue() };
  if (type === 1) {
    reader.skip(1); // delta_pic_order_always_zero_flag
    reader.se(); // offset_for_non_ref_pic
    reader.se(); // offset_for_top_to_bottom_field
    for (let left = Math.min(MAX_ORDER_CYCLE, reader.ue()); left > 0; left--) reader.se();
  }
  return { type, countBits: 0 };
}

/** Of the usability information (section E.1.1) the one number that matters: `max_num_reorder_frames`. */
function readReordered(reader: BitReader): number | undefined {
  if (reader.flag() && reader.bits(8) === EXTENDED_ASPECT) reader.skip(32);
  if (reader.flag()) reader.skip(1); // overscan
  if (reader.flag()) {
    reader.skip(4); // video format, range
    if (reader.flag()) reader.skip(24); // colours
  }
  if (reader.flag()) {
    reader.ue(); // place of the chroma samples
    reader.ue();
  }
  if (reader.flag()) reader.skip(65); // clock
  const nalHrd = reader.flag();
  if (nalHrd) skipHrd(reader);
  const vclHrd = reader.flag();
  if (vclHrd) skipHrd(reader);
  if (nalHrd || vclHrd) reader.skip(1); // low_delay_hrd_flag
  reader.skip(1); // pic_struct_present_flag
  if (!reader.flag()) return undefined;
  reader.skip(1); // motion_vectors_over_pic_boundaries_flag
  for (let field = 0; field < 4; field++) reader.ue(); // bytes, bits, reach of vectors
  return reader.ue();
}

/** Section E.1.2. */
function skipHrd(reader: BitReader): void {
  const buffers = Math.min(MAX_BUFFERS, reader.ue() + 1);
  reader.skip(8);
  for (let left = buffers; left > 0; left--) {
    reader.ue();
    reader.ue();
    reader.skip(1);
  }
  reader.skip(20);
}
