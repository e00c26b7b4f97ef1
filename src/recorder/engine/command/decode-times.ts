/** Earlier than every time. */
const UNKNOWN = Number.NEGATIVE_INFINITY;

/**
 * Reckons when packets are to be decoded from when they are to be shown: the container says only the latter. A packet is
 * decoded no later than the first that is shown of it and all behind it, and by how many that may be out of order is
 * said in front, not always truly.
 */
export class DecodeTimes {
  /** Times of the packets that were last, ascending; {@link UNKNOWN} at the beginning. */
  readonly #held: number[];
  #last = UNKNOWN;

  /** `delay`: packets by which a picture may come later than its packet. */
  constructor(delay: number) {
    this.#held = Array.from({ length: delay + 1 }, () => UNKNOWN);
  }

  /** The time for a packet that is shown at `pts`; absent while it is not known. Never goes back. */
  next(pts: number): number | undefined {
    // Further out of order than any before.
    if (pts < this.#last) this.#held.unshift(UNKNOWN);
    this.#held[0] = pts;
    this.#held.sort((a, b) => a - b);
    const [first = UNKNOWN] = this.#held;
    if (first === UNKNOWN || first < this.#last) return undefined;
    this.#last = first;
    return first;
  }
}
