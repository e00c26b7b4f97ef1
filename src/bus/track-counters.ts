import { distance, Histogram } from "../flow/index.ts";
import { now } from "../protocol/index.ts";
import type { OfferedFrame, TrackCounts } from "./bus.ts";

/**
 * Upper ends, in seconds, of the ranges by which ages are counted: a frame time and its parts, what people notice, and what
 * they complain of.
 */
export const AGE_BOUNDS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10,
];

/** What a hub counts of one track: once per frame, whoever takes it. */
export class TrackCounters {
  readonly #ages = new Histogram(AGE_BOUNDS_SECONDS);
  readonly #viewerAges = new Histogram(AGE_BOUNDS_SECONDS);
  #frames = 0;
  #bytes = 0;
  #offered = 0;
  #skipped = 0;
  #dropped = 0;
  #last: number | undefined;

  /** A frame has come, for so many subscribers. */
  put({ payload, sequence, capturedAt }: OfferedFrame, subscribers: number): void {
    this.#frames++;
    this.#bytes += payload.byteLength;
    this.#offered += subscribers;
    this.#ages.observe(Math.max(0, now() - capturedAt) / 1e6);
    // Its recorder counts each: a hole is what was lost on the way.
    if (this.#last !== undefined) this.#dropped += Math.max(0, distance(sequence, this.#last) - 1);
    this.#last = sequence;
  }

  /** What comes next does not follow what came before: another run of the recorder, or a track that nobody took meanwhile. */
  breakOff(): void {
    this.#last = undefined;
  }

  /** A subscriber went on without so many frames. */
  skip(frames: number): void {
    this.#skipped += frames;
  }

  /** A viewer has said that it has done with a frame that was captured then. */
  painted(capturedAt: number): void {
    this.#viewerAges.observe(Math.max(0, now() - capturedAt) / 1e6);
  }

  /** All that was counted so far. */
  get counts(): TrackCounts {
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      offered: this.#offered,
      skipped: this.#skipped,
      dropped: this.#dropped,
      ages: this.#ages.counted,
      viewerAges: this.#viewerAges.counted,
    };
  }
}
