/** What a frame proves of the link is believed for this time, and for twice that at most. */
const SPAN_MS = 4_000;

/** Nothing is told apart on this scale: clocks, schedulers and encoders are no better. */
const NOISE_MS = 4;

/** So much more than other frames is large: a few packets pass any link at once, however slow it is for more. */
const LARGE_BYTES = 4_000;

/**
 * What a link has been seen to carry at least, by single large frames of one track. A frame that is larger than others and hardly later
 * came over a link that carries the difference in that time.
 */
export class Capacity {
  readonly #deltas: boolean;
  #leastBytes = Number.POSITIVE_INFINITY;
  // The first frame, until the second tells what is usual.
  #first: { readonly bytes: number; readonly excessMs: number } | undefined;

  // The two best of this span and of the one before: one delta alone may be an accident.
  #best = 0;
  #second = 0;
  #before = 0;
  #endsAtMs = Number.NEGATIVE_INFINITY;

  /** With `deltas` a keyframe proves alone: it is too large for an accident. */
  constructor(deltas: boolean) {
    this.#deltas = deltas;
  }

  /** A frame of so many bytes came at `nowMs`, later by `excessMs` than the least late. */
  add(bytes: number, keyframe: boolean, excessMs: number, nowMs: number): void {
    this.#turn(nowMs);
    if (this.#leastBytes === Number.POSITIVE_INFINITY && this.#first === undefined) {
      this.#first = { bytes, excessMs };
      return;
    }
    this.#leastBytes = Math.min(this.#leastBytes * 1.01, bytes);
    if (this.#first !== undefined) this.#weigh(this.#first.bytes, true, this.#first.excessMs);
    this.#first = undefined;
    this.#weigh(bytes, keyframe, excessMs);
  }

  /** Bits per second that have lately been proven; 0 if none have. */
  provenBps(nowMs: number): number {
    this.#turn(nowMs);
    return Math.max(this.#second, this.#before);
  }

  #weigh(bytes: number, keyframe: boolean, excessMs: number): void {
    const moreBytes = bytes - this.#leastBytes;
    const alone = keyframe && this.#deltas;
    // One that is less late than all before tells of the clocks, or of another way.
    if (moreBytes < LARGE_BYTES || (alone && excessMs === 0)) return;
    const bps = (8_000 * moreBytes) / Math.max(NOISE_MS, excessMs);
    this.#second = Math.max(this.#second, alone ? bps : Math.min(bps, this.#best));
    this.#best = Math.max(this.#best, bps);
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#endsAtMs) return;
    this.#endsAtMs = nowMs + SPAN_MS;
    this.#before = this.#second;
    this.#best = 0;
    this.#second = 0;
  }
}
