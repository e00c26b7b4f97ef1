/** Bounds of a {@link Backoff}, in milliseconds. */
export interface BackoffOptions {
  /** The first delay. */
  readonly firstMs: number;
  /** No delay is longer. */
  readonly maxMs: number;
  /** A number from 0 to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number;
}

/** Delays between attempts: each twice the last, up to a cap, spread so that many who wait do not return at once. */
export class Backoff {
  readonly #options: BackoffOptions;
  #nextMs: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#nextMs = options.firstMs;
  }

  /** How long to wait before the next attempt, in ms: between three quarters of the delay and all of it. */
  next(): number {
    const delayMs = this.#nextMs;
    this.#nextMs = Math.min(this.#options.maxMs, delayMs * 2);
    const random = this.#options.random ?? Math.random;
    return delayMs * (0.75 + 0.25 * random());
  }

  /** An attempt succeeded: start from the first delay again. */
  reset(): void {
    this.#nextMs = this.#options.firstMs;
  }
}
