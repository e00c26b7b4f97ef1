/** What a {@link Histogram} has counted: how many values fell into each of its ranges, and their sum. */
export interface Counted {
  /** One more than bounds: the last is for what is above all of them. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values by range, in constant memory. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** `bounds` are the upper ends of the ranges, ascending; a value at a bound is within its range. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Count one value. */
  observe(value: number): void {
    let range = 0;
    while (range < this.#bounds.length && value > (this.#bounds[range] ?? 0)) range++;
    this.#counts[range] = (this.#counts[range] ?? 0) + 1;
    this.#sum += value;
  }

  /** All that was counted so far. */
  get counted(): Counted {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}
