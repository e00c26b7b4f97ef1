/**
 * Reckons when packets are to be decoded from when they are to be shown: the container says only the latter. A packet is
 * decoded no later than the first that is shown of it and all behind it, and by how many that may be out of order is
 * said in front, not always truly.
 */
export class DecodeTimes {
  /** Times of the packets that were last; absent at the beginning. */
  readonly #held: (number | undefined)[];
  #last = Number.NEGATIVE_INFINITY;

  /** `delay`: packets by which a picture may come later than its packet. */
  constructor(delay: number) {
    this.#held = Array.from({ length: delay + 1 }, () => undefined);
  }

  /** The time for a packet that is shown at `pts`; absent while it is not known. Never goes back. */
  next(pts: number): number | undefined {
    // Further out of order than any before.
    if (pts < this.#last) this.#held.unshift(undefined);
    this.#held[0] = pts;
    this.#held.sort((a, b) => (a ?? Number.NEGATIVE_INFINITY) - (b ?? Number.NEGATIVE_INFINITY));
    const [first] = this.#held;
    if (first === undefined || first < this.#last) return undefined;
    this.#last = first;
    return first;
  }
}
