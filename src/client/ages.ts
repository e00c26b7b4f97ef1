/** Ages kept: two seconds at 60/s. */
const SAMPLES = 128;

/** An age older than this is no longer of "the last seconds". */
const SPAN_MS = 3_000;

/** The ages of the last few seconds' pictures. */
export class Ages {
  readonly #ages = new Float64Array(SAMPLES);
  readonly #at = new Float64Array(SAMPLES).fill(Number.NEGATIVE_INFINITY);
  readonly #sorted = new Float64Array(SAMPLES);
  #count = 0;

  /** A picture was `ageMs` old at `nowMs`. */
  add(ageMs: number, nowMs: number): void {
    const slot = this.#count++ % SAMPLES;
    this.#ages[slot] = ageMs;
    this.#at[slot] = nowMs;
  }

  /** The age that half of them were below; `undefined` if there were none. */
  median(nowMs: number): number | undefined {
    let count = 0;
    for (let slot = 0; slot < SAMPLES; slot++) {
      if (nowMs - (this.#at[slot] ?? 0) <= SPAN_MS) this.#sorted[count++] = this.#ages[slot] ?? 0;
    }
    return count === 0 ? undefined : this.#sorted.subarray(0, count).sort()[count >> 1];
  }

  /** Forget all. */
  clear(): void {
    this.#at.fill(Number.NEGATIVE_INFINITY);
  }
}
