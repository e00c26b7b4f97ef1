/**
 * H.264 as the wire carries it: NAL units, each behind a start code (Annex B of ITU-T H.264), with the parameter sets
 * before every keyframe.
 * @module
 */

/** Types of NAL units that matter here. */
export const NAL: { readonly sps: 7; readonly pps: 8; readonly delimiter: 9; readonly filler: 12 } = {
  sps: 7,
  pps: 8,
  delimiter: 9,
  filler: 12,
};

/** What a sequence parameter set says. */
export interface SequenceParameters {
  /** As WebCodecs and Media Source Extensions take it: `avc1.42E01F`. */
  readonly codec: string;
  /** Pixels that are shown. */
  readonly width: number;
  /** Pixels that are shown. */
  readonly height: number;
  /** 1: 4:2:0, as everywhere. */
  readonly chromaFormat: number;
  readonly lumaBits: number;
  readonly chromaBits: number;
}

/** Profiles whose parameter set tells of chroma and bit depth. */
const HIGH_PROFILES: ReadonlySet<number> = new Set([
  44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244,
]);

/** The type of a NAL unit. */
export function nalType(unit: Uint8Array): number {
  return (unit[0] ?? 0) & 0x1f;
}

/** The NAL units of a frame, without their start codes; views of `bytes`. */
export function nalUnits(bytes: Uint8Array): Uint8Array[] {
  const units: Uint8Array[] = [];
  let start = -1;
  for (let one = bytes.indexOf(1, 2); one >= 0; one = bytes.indexOf(1, one + 1)) {
    if (bytes[one - 1] !== 0 || bytes[one - 2] !== 0) continue;
    if (start >= 0) units.push(trimmed(bytes, start, one - 2));
    start = one + 1;
  }
  if (start >= 0) units.push(trimmed(bytes, start, bytes.length));
  return units.filter(({ length }) => length > 0);
}

/** The first sequence parameter set of a frame; `undefined` if there is none, as in a delta. */
export function findParameters(bytes: Uint8Array): Uint8Array | undefined {
  return nalUnits(bytes).find((unit) => nalType(unit) === NAL.sps);
}

/** Read a sequence parameter set. One that is cut off reads as if zeros followed. */
export function readParameters(sps: Uint8Array): SequenceParameters {
  const [, profile = 0, constraints = 0, level = 0] = sps;
  const bits = new Bits(sps, 4);
  bits.unsigned(); // seq_parameter_set_id
  let chromaFormat = 1;
  let lumaBits = 8;
  let chromaBits = 8;
  if (HIGH_PROFILES.has(profile)) {
    chromaFormat = bits.unsigned();
    if (chromaFormat === 3) bits.read(1);
    lumaBits = 8 + bits.unsigned();
    chromaBits = 8 + bits.unsigned();
    bits.read(1);
    if (bits.read(1) === 1) skipScaling(bits, chromaFormat === 3 ? 12 : 8);
  }
  bits.unsigned(); // log2_max_frame_num
  const orderType = bits.unsigned();
  if (orderType === 0) bits.unsigned();
  else if (orderType === 1) skipOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.read(1);
  const columns = bits.unsigned() + 1;
  const rows = bits.unsigned() + 1;
  const framesOnly = bits.read(1);
  if (framesOnly === 0) bits.read(1);
  bits.read(1);
  const crop = bits.read(1) === 1 ? [1, 2, 3, 4].map(() => bits.unsigned()) : [];
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const unitY = (chromaFormat === 1 ? 2 : 1) * (2 - framesOnly);
  return {
    codec: `avc1.${hex(profile)}${hex(constraints)}${hex(level)}`,
    width: columns * 16 - (left + right) * unitX,
    height: rows * 16 * (2 - framesOnly) - (top + bottom) * unitY,
    chromaFormat,
    lumaBits,
    chromaBits,
  };
}

// Zeros before a start code belong to it.
function trimmed(bytes: Uint8Array, start: number, end: number): Uint8Array {
  let last = end;
  while (last > start && bytes[last - 1] === 0) last--;
  return bytes.subarray(start, last);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0").toUpperCase();
}

function skipScaling(bits: Bits, lists: number): void {
  for (let list = 0; list < lists; list++) {
    if (bits.read(1) === 0) continue;
    let last = 8;
    let next = 8;
    for (let entry = 0; entry < (list < 6 ? 16 : 64); entry++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function skipOrder(bits: Bits): void {
  bits.read(1);
  bits.unsigned();
  bits.unsigned();
  const cycle = Math.min(255, bits.unsigned());
  for (let entry = 0; entry < cycle; entry++) bits.unsigned();
}

/** Reads bit by bit, leaving out the bytes that keep start codes from appearing by chance. */
class Bits {
  readonly #bytes: number[] = [];
  #position = 0;

  constructor(unit: Uint8Array, from: number) {
    for (let at = from; at < unit.length; at++) {
      const emulation = unit[at] === 3 && unit[at - 1] === 0 && unit[at - 2] === 0;
      if (!emulation) this.#bytes.push(unit[at] ?? 0);
    }
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit++) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1);
      this.#position++;
    }
    return value;
  }

  /** ue(v) */
  unsigned(): number {
    let zeros = 0;
    while (zeros < 31 && this.read(1) === 0) zeros++;
    return 2 ** zeros - 1 + this.read(zeros);
  }

  /** se(v) */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
