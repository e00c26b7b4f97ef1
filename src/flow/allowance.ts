/** A token bucket without a timer: how many messages a peer may still send. */
export class Allowance {
  readonly #burst: number;
  readonly #perSecond: number;
  #left: number;
  #filledAtMs: number;

  /** `burst` at once, `perSecond` for long; `nowMs` is any steady clock. */
  constructor(burst: number, perSecond: number, nowMs: number) {
    this.#burst = burst;
    this.#perSecond = perSecond;
    this.#left = burst;
    this.#filledAtMs = nowMs;
  }

  /** Take one; `false` when there is none left. The clock is only asked for when the bucket runs low. */
  take(clock: () => number): boolean {
    if (this.#left < 1) {
      const nowMs = clock();
      const earned = ((nowMs - this.#filledAtMs) / 1000) * this.#perSecond;
      this.#left = Math.min(this.#burst, this.#left + Math.max(0, earned));
      this.#filledAtMs = nowMs;
      if (this.#left < 1) return false;
    }
    this.#left--;
    return true;
  }

  /** Get some more now, up to the burst. */
  earn(amount: number): void {
    this.#left = Math.min(this.#burst, this.#left + amount);
  }
}
