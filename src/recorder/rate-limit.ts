import type { Micros } from "../protocol/index.ts";

/** A frame that comes this much of an interval too early is in time: capture times jitter. */
const EARLY = 0.25;

/** Thins frames out to a rate. */
export class RateLimit {
  readonly #intervalMicros: number;
  #dueAt: number | undefined;

  /** `rate` is in frames per second; `undefined` lets every frame pass. */
  constructor(rate: number | undefined) {
    this.#intervalMicros = rate === undefined ? 0 : 1_000_000 / rate;
  }

  /** Whether a frame that was captured at `at` may pass. */
  admits(at: Micros): boolean {
    const interval = this.#intervalMicros;
    const dueAt = this.#dueAt ?? at;
    const lateMicros = at - dueAt;
    // A clock that was set back must not close the gate until it is there again.
    const astray = Math.abs(lateMicros) > 2 * interval;
    if (!astray && lateMicros < -EARLY * interval) return false;
    this.#dueAt = astray ? at + interval : dueAt + interval;
    return true;
  }
}
