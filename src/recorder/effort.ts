/** How much work an encoder in software puts into a picture, least first: the more, the fewer bits for the same picture. */
export const EFFORTS = ["least", "some", "much"] as const;

/** See {@link EFFORTS}. */
export type Effort = (typeof EFFORTS)[number];

/** The most of a picture's time that its encoding may take. Others work too, and the next picture must find it done. */
const MAX_PART = 0.4;

/** Pictures over which the time is averaged. */
const SPAN_PICTURES = 30;

/** Spans in a row that must be too much: a moment in which others needed the cores is none. */
const SPANS = 3;

/**
 * The effort that this machine can afford for one encoder: it begins with what is wished, and gives in where encoding takes too
 * long. It never goes up again: what was too much once would be too much again, and each change costs a keyframe. The next
 * encoder begins anew.
 */
export class AffordableEffort {
  readonly #budgetMs: number;
  #effort: Effort;
  #pictures = 0;
  #spentMs = 0;
  #over = 0;

  /** `rate`: pictures per second. */
  constructor(wished: Effort, rate: number) {
    this.#effort = wished;
    this.#budgetMs = (MAX_PART * 1000) / rate;
  }

  /** The effort to make. */
  get effort(): Effort {
    return this.#effort;
  }

  /** Encoding a picture took `ms`, waiting for a core included. Whether another {@link effort} is due from now on. */
  spent(ms: number): boolean {
    this.#pictures++;
    this.#spentMs += ms;
    if (this.#pictures < SPAN_PICTURES) return false;
    this.#over = this.#spentMs / this.#pictures > this.#budgetMs ? this.#over + 1 : 0;
    this.#pictures = 0;
    this.#spentMs = 0;
    const lower = EFFORTS[EFFORTS.indexOf(this.#effort) - 1];
    if (this.#over < SPANS || lower === undefined) return false;
    this.#over = 0;
    this.#effort = lower;
    return true;
  }
}
