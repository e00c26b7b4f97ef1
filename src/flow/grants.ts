import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/** Grants remembered: those of a full window, and as many that were taken back. */
const KEPT = 2 * Limits.MAX_WINDOW_FRAMES;

/**
 * A receiver's account of the frames that it has allowed its sender: which came, which are done with, and when each was
 * allowed. The sender's `Credit` is the other half. Frames are numbered from 1 in the order in which they come, whatever
 * their sequences.
 */
export class Grants {
  readonly #sequences = new Uint32Array(KEPT);
  readonly #allowedAtMs = new Float64Array(KEPT);
  #allowed = 0;
  #most = 0;
  #arrived = 0;
  #done = 0;

  /** Frames that came and are not done with, and those that are allowed beyond. */
  get open(): number {
    return this.#allowed - this.#done;
  }

  /** Frames that are allowed and did not come yet. */
  get coming(): number {
    return Math.max(0, this.#allowed - this.#arrived);
  }

  /** The sender may send until `frames` are open. */
  allow(frames: number, nowMs: number): void {
    const allowed = this.#done + frames;
    for (let frame = Math.max(this.#allowed, this.#arrived) + 1; frame <= allowed; frame++) {
      // What was allowed once and taken back may be on its way already: nobody knows since when.
      this.#allowedAtMs[frame % KEPT] = frame <= this.#most ? Number.NaN : nowMs;
    }
    this.#allowed = allowed;
    this.#most = Math.max(this.#most, allowed);
  }

  /** A frame came at `nowMs`. How long ago it was allowed, in ms; `NaN` if that is not known. */
  arrived(sequence: number, nowMs: number): number {
    this.#arrived++;
    this.#sequences[this.#arrived % KEPT] = sequence;
    return this.#arrived <= this.#most
      ? nowMs - (this.#allowedAtMs[this.#arrived % KEPT] ?? Number.NaN)
      : Number.NaN;
  }

  /**
   * When all that is allowed will have come over a link that is free at `freeMs`, takes `serviceMs` for a frame, and begins with
   * it `delayMs` after it was allowed.
   */
  servedMs(freeMs: number, serviceMs: number, delayMs: number): number {
    let atMs = freeMs;
    for (let frame = this.#arrived + 1; frame <= this.#allowed; frame++) {
      const allowedAtMs = this.#allowedAtMs[frame % KEPT] ?? Number.NaN;
      atMs = serviceMs + (allowedAtMs + delayMs > atMs ? allowedAtMs + delayMs : atMs);
    }
    return atMs;
  }

  /** The frame of `sequence` is done with, and all that came before it. */
  done(sequence: number): void {
    while (
      this.#done < this.#arrived &&
      distance(sequence, this.#sequences[(this.#done + 1) % KEPT] ?? 0) >= 0
    ) {
      this.#done++;
    }
  }
}
