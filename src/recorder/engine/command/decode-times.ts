/** Reckons when packets are to be decoded from when they are to be shown: the container says only the latter. */
export class DecodeTimes {
  readonly #held: (number | undefined)[];

  /** `delay`: packets by which a picture may come later than its packet. */
  constructor(delay: number) {
    this.#held = Array.from({ length: delay + 1 }, () => undefined);
  }

  /** The time for a packet that is shown at `pts`; absent for the first ones of a stream with a delay. Never goes back. */
  next(pts: number): number | undefined {
    this.#held[0] = pts;
    this.#held.sort((a, b) => (a ?? Number.NEGATIVE_INFINITY) - (b ?? Number.NEGATIVE_INFINITY));
    return this.#held[0];
  }
}
