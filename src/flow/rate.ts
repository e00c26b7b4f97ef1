/** Buckets of {@link Rate}. */
const BUCKETS = 4;

/** Events per second over the last few seconds, in constant memory. */
export class Rate {
  readonly #bucketMs: number;
  readonly #counts = new Float64Array(BUCKETS + 1);
  #bucket = 0;
  #firstAtMs: number | undefined;

  /** Averages over `spanMs`. */
  constructor(spanMs = 2000) {
    this.#bucketMs = spanMs / BUCKETS;
  }

  /** Count `amount` events (or bytes) at `nowMs`, any steady clock. */
  add(nowMs: number, amount = 1): void {
    this.#advance(nowMs);
    this.#firstAtMs ??= nowMs;
    const slot = this.#bucket % this.#counts.length;
    this.#counts[slot] = (this.#counts[slot] ?? 0) + amount;
  }

  /** Events per second. 0 before the first and when none came for the whole span. */
  perSecond(nowMs: number): number {
    this.#advance(nowMs);
    if (this.#firstAtMs === undefined) return 0;
    let sum = 0;
    for (const count of this.#counts) sum += count;
    // The current bucket is not over yet, and the first second has no full span behind it.
    const inBucketMs = nowMs - this.#bucket * this.#bucketMs;
    const spanMs = Math.min(BUCKETS * this.#bucketMs + inBucketMs, nowMs - this.#firstAtMs);
    return spanMs < this.#bucketMs ? 0 : (sum * 1000) / spanMs;
  }

  #advance(nowMs: number): void {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    const steps = Math.min(bucket - this.#bucket, this.#counts.length);
    for (let step = 1; step <= steps; step++) this.#counts[(bucket - steps + step) % this.#counts.length] = 0;
    if (steps > 0) this.#bucket = bucket;
  }
}
