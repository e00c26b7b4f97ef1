/** A gap between two frames longer than this is no gap but another clock, in µs. */
const MAX_GAP_MICROS = 10_000_000;
/** Playing that is behind by more than this goes on from where it is instead of catching up, in µs. */
const MAX_LATE_MICROS = 1_000_000;

/** Says when each frame of a file is due, so that it plays at its own speed, over any number of rounds. */
export class PlayClock {
  readonly #intervalMicros: number;
  #lastPts: number | undefined;
  #lastDue: number | undefined;

  /** `rate` is what the file promises, in frames per second: for frames that do not say when to show them. */
  constructor(rate = 25) {
    this.#intervalMicros = 1_000_000 / rate;
  }

  /** When the frame with the stamp `pts` is due, on the clock of `nowMicros`. All in µs. */
  due(pts: number | undefined, nowMicros: number): number {
    const gap = pts === undefined || this.#lastPts === undefined ? undefined : pts - this.#lastPts;
    this.#lastPts = pts;
    // The first frame of a round follows the last one of the round before like any other.
    const step = gap !== undefined && gap >= 0 && gap <= MAX_GAP_MICROS ? gap : this.#intervalMicros;
    const due = this.#lastDue === undefined ? nowMicros : this.#lastDue + step;
    this.#lastDue = nowMicros - due > MAX_LATE_MICROS ? nowMicros : due;
    return this.#lastDue;
  }
}
