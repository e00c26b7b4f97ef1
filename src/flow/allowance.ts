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
      // Whole ones: V8 keeps those in the object itself.
      const earned = Math.max(0, Math.floor(((nowMs - this.#filledAtMs) / 1000) * this.#perSecond));
      const left = this.#left + earned;
      this.#left = Math.min(this.#burst, left);
      this.#filledAtMs = left < this.#burst ? this.#filledAtMs + (earned / this.#perSecond) * 1000 : nowMs;
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
