/** The least value of late: of the present span and of the one before it, so that it follows what changes for good. */
export class Floor {
  readonly #spanMs: number;
  #least = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;
  #endsAtMs = Number.NEGATIVE_INFINITY;

  /** A value counts for `spanMs` at least, and for twice that at most. */
  constructor(spanMs: number) {
    this.#spanMs = spanMs;
  }

  /** The floor; infinite before the first value. */
  get value(): number {
    return Math.min(this.#least, this.#before);
  }

  /** `value` was seen at `nowMs`. Returns the floor. */
  add(value: number, nowMs: number): number {
    if (nowMs >= this.#endsAtMs) {
      this.#endsAtMs = nowMs + this.#spanMs;
      this.#before = this.#least;
      this.#least = value;
    } else if (value < this.#least) {
      this.#least = value;
    }
    return this.value;
  }

  /** Forget all. */
  clear(): void {
    this.#least = Number.POSITIVE_INFINITY;
    this.#before = Number.POSITIVE_INFINITY;
    this.#endsAtMs = Number.NEGATIVE_INFINITY;
  }
}
