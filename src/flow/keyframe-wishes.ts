import { Limits } from "../protocol/index.ts";

/**
 * The wishes for a keyframe of one track, of however many who cannot go on without one: where they meet they become one, as often as
 * `Limits.KEYFRAME_INTERVAL_MS` allows. The others are not kept: who still waits wishes again.
 */
export class KeyframeWishes {
  #admittedAtMs = Number.NEGATIVE_INFINITY;

  /** Somebody wishes. Whether that wish is passed on; `nowMs` is any steady clock. */
  admits(nowMs: number): boolean {
    if (nowMs - this.#admittedAtMs < Limits.KEYFRAME_INTERVAL_MS) return false;
    this.#admittedAtMs = nowMs;
    return true;
  }
}
