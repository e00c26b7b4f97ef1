import { split } from "./annex-b.ts";
import { BitReader } from "./bit-reader.ts";
import { H264, NalType, nalType } from "./h264.ts";
import { type OrderParameters, readSequence } from "./h264-sequence.ts";

/** Units of picture order from one frame to the next: each of its two fields has one. */
const STEP = 2;

/** Bytes of a slice that hold all that is read of it. */
const HEAD_BYTES = 64;

/**
 * In which order the pictures of a stream are shown, where that is not the order in which they are decoded (B-frames): ITU-T H.264
 * section 8.2.1. Begins at a keyframe with its parameter sets.
 */
export class PictureOrder {
  #parameters: OrderParameters | undefined;
  #base = 0;
  #step = STEP;
  #lastHigh = 0;
  #lastLow = 0;

  /** How many pictures may be decoded before one that is shown earlier; `undefined` where the stream does not say. */
  get reordered(): number | undefined {
    const { type, reordered } = this.#parameters ?? {};
    return type === 0 ? reordered : 0;
  }

  /**
   * The place of the next frame (Annex B) among those shown since its keyframe, which has 0; frames that are shown before the keyframe
   * that they follow have negative ones. `undefined`: it is shown in the order of decoding.
   */
  place(frame: Uint8Array, keyframe: boolean): number | undefined {
    const units = split(frame);
    const sps = units.find((unit) => nalType(unit) === NalType.SPS);
    if (sps !== undefined) this.#parameters = readSequence(sps).order;
    const slice = units.find((unit) => H264.isSlice(unit));
    if (slice === undefined || this.#parameters?.type !== 0) return undefined;
    const count = this.#count(slice, this.#parameters);
    if (keyframe) {
      this.#base = count;
      this.#step = STEP;
    }
    const distance = count - this.#base;
    // Some encoders count frames, not fields.
    if (distance % STEP !== 0) this.#step = 1;
    return distance / this.#step;
  }

  /** The picture order count of a slice, of type 0. */
  #count(
    slice: Uint8Array,
    { frameNumberBits, countBits, framesOnly, separatePlanes }: OrderParameters,
  ): number {
    const reader = BitReader.ofUnit(slice.subarray(0, HEAD_BYTES));
    reader.skip(8);
    reader.ue(); // first_mb_in_slice
    reader.ue(); // slice_type
    reader.ue(); // pic_parameter_set_id
    reader.skip((separatePlanes ? 2 : 0) + frameNumberBits);
    if (!framesOnly && reader.flag()) reader.skip(1); // which field
    const idr = nalType(slice) === NalType.IDR;
    if (idr) reader.ue(); // idr_pic_id
    const low = reader.bits(countBits);
    if (idr) this.#lastHigh = this.#lastLow = 0;
    const turn = 2 ** countBits;
    let high = this.#lastHigh;
    if (low < this.#lastLow && this.#lastLow - low >= turn / 2) high += turn;
    else if (low > this.#lastLow && low - this.#lastLow > turn / 2) high -= turn;
    if (!H264.isDiscardable(slice)) [this.#lastHigh, this.#lastLow] = [high, low];
    return high + low;
  }
}
