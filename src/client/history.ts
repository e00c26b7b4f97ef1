/** How far back it goes. */
export const HISTORY_SPAN_MS = 120_000;

/** A figure is kept this often: what somebody can tell apart on a plot. */
export const HISTORY_EVERY_MS = 500;

const SAMPLES = HISTORY_SPAN_MS / HISTORY_EVERY_MS + 1;

/** The figures of one instant. Absent ones are gaps. */
export interface Sample {
  /** How old the picture on the screen is. */
  readonly ageMs: number | undefined;
  /** Pictures per second. */
  readonly rate: number | undefined;
  readonly bytesPerSecond: number | undefined;
}

/** Columns as a plot takes them, oldest first: seconds from now (0 is now), then one for each figure. */
export interface Columns {
  readonly at: number[];
  readonly ageMs: (number | null)[];
  readonly rate: (number | null)[];
  readonly bytesPerSecond: (number | null)[];
}

/** The figures of a view over the last two minutes. */
export class History {
  readonly #at = new Float64Array(SAMPLES);
  // A second is no finer than a plot: single precision is plenty.
  readonly #age = new Float32Array(SAMPLES);
  readonly #rate = new Float32Array(SAMPLES);
  readonly #bytes = new Float32Array(SAMPLES);
  #count = 0;

  /** Keep `sample`, of `nowMs`, if the last one is long enough ago. Whether it was kept. */
  add(nowMs: number, { ageMs, rate, bytesPerSecond }: Sample): boolean {
    const last = this.#at[(this.#count - 1) % SAMPLES];
    // A little less: reports come a few ms early and late.
    if (this.#count > 0 && last !== undefined && nowMs - last < HISTORY_EVERY_MS * 0.8) return false;
    const slot = this.#count++ % SAMPLES;
    this.#at[slot] = nowMs;
    this.#age[slot] = ageMs ?? Number.NaN;
    this.#rate[slot] = rate ?? Number.NaN;
    this.#bytes[slot] = bytesPerSecond ?? Number.NaN;
    return true;
  }

  /** Forget all: it was another camera. */
  clear(): void {
    this.#count = 0;
  }

  /** What a plot shows at `nowMs`. */
  columns(nowMs: number): Columns {
    const columns: Columns = { at: [], ageMs: [], rate: [], bytesPerSecond: [] };
    let beforeMs: number | undefined;
    for (let number = Math.max(0, this.#count - SAMPLES); number < this.#count; number++) {
      const slot = number % SAMPLES;
      const atMs = this.#at[slot] ?? 0;
      if (nowMs - atMs > HISTORY_SPAN_MS) continue;
      // Nothing was told for a while: no line across that.
      if (beforeMs !== undefined && atMs - beforeMs > 4 * HISTORY_EVERY_MS) {
        push(columns, (beforeMs + HISTORY_EVERY_MS - nowMs) / 1000, Number.NaN, Number.NaN, Number.NaN);
      }
      beforeMs = atMs;
      const at = (atMs - nowMs) / 1000;
      push(columns, at, this.#age[slot], this.#rate[slot], this.#bytes[slot]);
    }
    return columns;
  }
}

function push(columns: Columns, at: number, age = Number.NaN, rate = Number.NaN, bytes = Number.NaN): void {
  columns.at.push(at);
  columns.ageMs.push(known(age));
  columns.rate.push(known(rate));
  columns.bytesPerSecond.push(known(bytes));
}

// A plot's word for a gap.
function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
