/** Times are sums of many short ones: they may be so much too long. */
const ROUNDING_MS = 1e-3;

/**
 * A token bucket without a timer: how many messages a peer may still send. It is kept as the time at which it is full again, so it
 * fills without being looked at, and never holds more for a time in which it was full.
 */
export class Allowance {
  /** How long it takes to earn one. */
  readonly #eachMs: number;
  readonly #burstMs: number;
  #fullAtMs = Number.NEGATIVE_INFINITY;

  /** `burst` at once, `perSecond` for long. */
  constructor(burst: number, perSecond: number) {
    this.#eachMs = 1000 / perSecond;
    this.#burstMs = burst * this.#eachMs;
  }

  /** Take one at `nowMs`, on any steady clock; `false` when there is none left. */
  take(nowMs: number): boolean {
    const fullAtMs = Math.max(this.#fullAtMs, nowMs) + this.#eachMs;
    if (fullAtMs - nowMs > this.#burstMs + ROUNDING_MS) return false;
    this.#fullAtMs = fullAtMs;
    return true;
  }

  /** Get some more now, up to the burst. */
  earn(amount: number): void {
    this.#fullAtMs -= amount * this.#eachMs;
  }
}
