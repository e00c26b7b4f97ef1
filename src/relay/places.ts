/**
 * What may be had only so many times at once. Who comes when all is taken waits, without harm to the others, and has the next place that
 * is left.
 */
export class Places {
  readonly #most: number;
  readonly #full: () => void;
  readonly #taken = new Set<object>();
  /** Who waits, and what to call when there is a place; who waits longest comes first. */
  readonly #waiting = new Map<object, () => void>();

  /** `full` is called for each who has to wait. */
  constructor(most: number, full: () => void) {
    this.#most = most;
    this.#full = full;
  }

  /** `granted` is called when `who` has a place: now, or later. */
  take(who: object, granted: () => void): void {
    if (this.#taken.size < this.#most) {
      this.#taken.add(who);
      granted();
    } else {
      this.#waiting.set(who, granted);
      this.#full();
    }
  }

  /** Whether `who` has a place. */
  has(who: object): boolean {
    return this.#taken.has(who);
  }

  /** `who` needs none any more. */
  leave(who: object): void {
    this.#waiting.delete(who);
    if (!this.#taken.delete(who)) return;
    for (const [next, granted] of this.#waiting) {
      this.#waiting.delete(next);
      this.take(next, granted);
      return;
    }
  }
}
