import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

const NO_SEQUENCES = new Uint32Array(0);
const NO_TIMES = new Float64Array(0);

/** Capture times of the frames that one receiver holds, to learn their age when it has done with them. Nothing is allocated per frame. */
export class AgeLedger {
  // By sequence, modulo their length: no more frames are in flight than that. Made for the first frame: a track that never has one
  // may be asked for by anybody.
  #sequences = NO_SEQUENCES;
  #capturedAt = NO_TIMES;
  #acknowledged: number | undefined;

  /** A frame left. */
  sent(sequence: number, capturedAt: number): void {
    if (this.#sequences.length === 0) {
      this.#sequences = new Uint32Array(Limits.MAX_WINDOW_FRAMES);
      this.#capturedAt = new Float64Array(Limits.MAX_WINDOW_FRAMES);
    }
    const place = sequence % Limits.MAX_WINDOW_FRAMES;
    this.#sequences[place] = sequence;
    this.#capturedAt[place] = capturedAt;
  }

  /** When the frame was captured that the receiver has done with; `undefined` if that is known already, or was never sent. */
  acknowledged(sequence: number): number | undefined {
    const place = sequence % Limits.MAX_WINDOW_FRAMES;
    const capturedAt = this.#capturedAt[place] ?? 0;
    const isNew = this.#acknowledged === undefined || distance(sequence, this.#acknowledged) > 0;
    if (this.#sequences[place] !== sequence || capturedAt === 0 || !isNew) return undefined;
    this.#acknowledged = sequence;
    return capturedAt;
  }

  /** The track has another number: what was sent before has no meaning. */
  clear(): void {
    this.#capturedAt.fill(0);
    this.#acknowledged = undefined;
  }
}
