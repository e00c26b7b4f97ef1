import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/** Capture times of the frames that one receiver holds, to learn their age when it has done with them. Nothing is allocated per frame. */
export class AgeLedger {
  // By sequence, modulo their length: no more frames are in flight than that.
  readonly #sequences = new Uint32Array(Limits.MAX_WINDOW_FRAMES);
  readonly #capturedAt = new Float64Array(Limits.MAX_WINDOW_FRAMES);
  #acknowledged: number | undefined;

  /** A frame left. */
  sent(sequence: number, capturedAt: number): void {
    const place = sequence % this.#sequences.length;
    this.#sequences[place] = sequence;
    this.#capturedAt[place] = capturedAt;
  }

  /** When the frame was captured that the receiver has done with; `undefined` if that is known already, or was never sent. */
  acknowledged(sequence: number): number | undefined {
    const place = sequence % this.#sequences.length;
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
