import { split } from "./annex-b.ts";
import { NalType, nalType } from "./h264.ts";
import { isHighProfile, readSequence, type SequenceParameters } from "./h264-sequence.ts";

/** What a decoder must know before the first slice: a keyframe's parameter sets, and what they say of the picture. */
export interface ParameterSets {
  /** Sequence parameter sets, as NAL units. At least one. */
  readonly sps: readonly Uint8Array[];
  /** Picture parameter sets, as NAL units. At least one. */
  readonly pps: readonly Uint8Array[];
  /** What the first sequence parameter set says. */
  readonly picture: SequenceParameters;
}

/** Pixels of a side; level 6.2 ends at 16,880. */
const MAX_SIDE = 16_384;

/** What a decoder knows from elsewhere or never needs: not for a sample of `avc1` (ISO/IEC 14496-15 section 5.3.2). */
const OUTSIDE: ReadonlySet<number> = new Set([NalType.SPS, NalType.PPS, NalType.DELIMITER, NalType.FILLER]);

/** Bytes of the length in front of each NAL unit of a sample. */
const LENGTH_BYTES = 4;

/** The parameter sets of a keyframe (Annex B); `undefined` if it has none that make sense. */
export function parameterSets(keyframe: Uint8Array): ParameterSets | undefined {
  const units = split(keyframe);
  const sps = units.filter((unit) => nalType(unit) === NalType.SPS && unit.length >= 4);
  const pps = units.filter((unit) => nalType(unit) === NalType.PPS);
  const [first] = sps;
  if (first === undefined || pps.length === 0) return undefined;
  const picture = readSequence(first);
  return makesSense(picture) ? { sps, pps, picture } : undefined;
}

function makesSense({ width, height, chromaFormat, lumaBits, chromaBits }: SequenceParameters): boolean {
  const fits = width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE;
  return fits && chromaFormat <= 3 && lumaBits <= 14 && chromaBits <= 14;
}

/** The first sequence parameter set of a frame (Annex B); `undefined` if there is none, as in a delta. */
export function findSequence(frame: Uint8Array): Uint8Array | undefined {
  return split(frame).find((unit) => nalType(unit) === NalType.SPS);
}

/** Whether a decoder that was told `a` decodes the pictures of `b`. */
export function sameParameterSets(a: ParameterSets, b: ParameterSets): boolean {
  const equal = (x: Uint8Array, y: Uint8Array | undefined): boolean =>
    x.length === y?.length && x.every((byte, n) => byte === y[n]);
  const same = (x: readonly Uint8Array[], y: readonly Uint8Array[]): boolean =>
    x.length === y.length && x.every((unit, n) => equal(unit, y[n]));
  return same(a.sps, b.sps) && same(a.pps, b.pps);
}

/**
 * What `avcC` holds, ISO/IEC 14496-15 section 5.3.3.1:
 * `| version u8 = 1 | profile u8 | constraints u8 | level u8 | 111111 and length size - 1 | 111 and number of SPS |`
 * `{ length u16 | SPS } | number of PPS u8 | { length u16 | PPS } |` and in high profiles only
 * `| 111111 and chroma format | 11111 and luma bits - 8 | 11111 and chroma bits - 8 | number of SPS extensions u8 |`
 */
export function decoderConfiguration({ sps, pps, picture }: ParameterSets): Uint8Array {
  const [, profile = 0, constraints = 0, level = 0] = sps[0] ?? [];
  const sized = (units: readonly Uint8Array[]): number[] =>
    units.flatMap((unit) => [unit.length >> 8, unit.length & 0xff, ...unit]);
  const high = [
    0xfc | picture.chromaFormat,
    0xf8 | (picture.lumaBits - 8),
    0xf8 | (picture.chromaBits - 8),
    0,
  ];
  return Uint8Array.from([
    1,
    profile,
    constraints,
    level,
    0xfc | (LENGTH_BYTES - 1),
    0xe0 | sps.length,
    ...sized(sps),
    pps.length,
    ...sized(pps),
    ...(isHighProfile(profile) ? high : []),
  ]);
}

/** A frame (Annex B) as a sample of `avc1`, in memory of its own: its slices and messages, each behind its length. */
export function toSample(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const units = split(frame).filter((unit) => !OUTSIDE.has(nalType(unit)));
  const bytes = new Uint8Array(units.reduce((sum, unit) => sum + LENGTH_BYTES + unit.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const unit of units) {
    view.setUint32(at, unit.length);
    bytes.set(unit, at + LENGTH_BYTES);
    at += LENGTH_BYTES + unit.length;
  }
  return bytes;
}
