import { BitReader } from "./bit-reader.ts";
import { NalType, nalType, nalUnits } from "./nal-unit.ts";

/** What a decoder must know before the first slice: a keyframe's parameter sets, and what they say of the picture. */
export interface ParameterSets {
  /** Sequence parameter sets, as NAL units. At least one. */
  readonly sps: readonly Uint8Array[];
  /** Picture parameter sets, as NAL units. At least one. */
  readonly pps: readonly Uint8Array[];
  /** Of the first sequence parameter set. */
  readonly picture: PictureFormat;
}

/** What a sequence parameter set says of the picture. */
export interface PictureFormat {
  /** Pixels, after cropping. */
  readonly width: number;
  /** Pixels, after cropping. */
  readonly height: number;
  /** 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

/** Profiles whose sequence parameter sets say more about colour (ITU-T H.264 section 7.3.2.1.1). */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
]);

/** Whether a profile's parameter sets, and with them `avcC`, hold the fields of the high profiles. */
export function isHighProfile(profile: number): boolean {
  return HIGH_PROFILES.has(profile);
}

/** Pixels of a side; level 6.2 ends at 16,880. */
const MAX_SIDE = 16_384;

/** The parameter sets of a keyframe (Annex B); `undefined` if it has none that make sense. */
export function parameterSets(keyframe: Uint8Array): ParameterSets | undefined {
  const units = nalUnits(keyframe);
  const sps = units.filter((unit) => nalType(unit) === NalType.SPS && unit.length >= 4);
  const pps = units.filter((unit) => nalType(unit) === NalType.PPS);
  const [first] = sps;
  if (first === undefined || pps.length === 0) return undefined;
  const picture = pictureFormat(first);
  return picture === undefined ? undefined : { sps, pps, picture };
}

/** Whether a decoder that was told `a` decodes the pictures of `b`. */
export function sameParameterSets(a: ParameterSets, b: ParameterSets): boolean {
  const same = (x: readonly Uint8Array[], y: readonly Uint8Array[]): boolean =>
    x.length === y.length && x.every((unit, n) => Buffer.compare(unit, y[n] as Uint8Array) === 0);
  return same(a.sps, b.sps) && same(a.pps, b.pps);
}

/** Read a sequence parameter set (section 7.3.2.1.1) up to the size of the picture; `undefined` for nonsense. */
function pictureFormat(sps: Uint8Array): PictureFormat | undefined {
  const reader = new BitReader(sps);
  const profile = reader.bits(8);
  reader.bits(16); // constraint flags, level
  reader.unsigned(); // seq_parameter_set_id
  let chromaFormat = 1;
  let separatePlanes = false;
  let lumaBits = 8;
  let chromaBits = 8;
  if (isHighProfile(profile)) {
    chromaFormat = reader.unsigned();
    if (chromaFormat === 3) separatePlanes = reader.flag();
    lumaBits = 8 + reader.unsigned();
    chromaBits = 8 + reader.unsigned();
    reader.flag(); // qpprime_y_zero_transform_bypass_flag
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  }
  reader.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(reader);
  reader.unsigned(); // max_num_ref_frames
  reader.flag(); // gaps_in_frame_num_value_allowed_flag
  const columns = reader.unsigned() + 1;
  const rows = reader.unsigned() + 1;
  const framesOnly = reader.flag();
  if (!framesOnly) reader.flag(); // mb_adaptive_frame_field_flag
  reader.flag(); // direct_8x8_inference_flag
  const crop = reader.flag()
    ? { left: reader.unsigned(), right: reader.unsigned(), top: reader.unsigned(), bottom: reader.unsigned() }
    : { left: 0, right: 0, top: 0, bottom: 0 };
  // Table 6-1: how many luma samples one unit of the crop is. Fields count rows in pairs.
  const fields = framesOnly ? 1 : 2;
  const planes = separatePlanes ? 0 : chromaFormat;
  const across = planes === 1 || planes === 2 ? 2 : 1;
  const down = (planes === 1 ? 2 : 1) * fields;
  const width = columns * 16 - across * (crop.left + crop.right);
  const height = rows * 16 * fields - down * (crop.top + crop.bottom);
  const sane = width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE;
  if (!sane || chromaFormat > 3 || lumaBits > 14 || chromaBits > 14) return undefined;
  return { width, height, chromaFormat, lumaBits, chromaBits };
}

/** Section 7.3.2.1.1.1. */
function skipScalingLists(reader: BitReader, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (!reader.flag()) continue;
    let next = 8;
    for (let left = list < 6 ? 16 : 64; left > 0 && next !== 0; left--) {
      next = (next + reader.signed() + 256) % 256;
    }
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.unsigned();
  if (type === 0) {
    reader.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  } else if (type === 1) {
    reader.flag(); // delta_pic_order_always_zero_flag
    reader.signed(); // offset_for_non_ref_pic
    reader.signed(); // offset_for_top_to_bottom_field
    const cycle = Math.min(255, reader.unsigned());
    for (let n = 0; n < cycle; n++) reader.signed();
  }
}
