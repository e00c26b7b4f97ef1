import type { Frame } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/**
 * How far a reader may fall behind the newest frame, beyond the least that it has reached, before it gives the rest
 * of the GOP up, in µs. Long enough for a burst on a good link, short enough that nobody watches the past.
 */
export const MAX_LAG_MICROS = 300_000;

/**
 * How long one who has given a GOP up waits for what is on its way, in µs of the track. Then it goes on all the same: a decoder may hold
 * what it has until more comes.
 */
export const PATIENCE_MICROS = 1_000_000;

/** A track as a reader sees it. */
export interface Readable {
  /** The newest frame, if there is any. */
  readonly newest: Frame.Frame | undefined;
  /** The frame to take after `sequence`, by the rule of `Gop.after`. */
  after(sequence: number | undefined): Frame.Frame | undefined;
  /** Told how many frames the reader has gone on without. */
  skip?(frames: number): void;
}

/**
 * One reader's way through a track: which frame it takes next. Within a GOP it takes every frame, because each needs
 * the one before; but a reader that falls behind leaves out first what no other frame needs, and then everything up to the next
 * keyframe. A newcomer may start far behind, as long as it catches up. On a track of keyframes only none of this matters: the
 * next is always the newest.
 */
export class Reader {
  readonly #skipsDiscardable: boolean;
  #last: number | undefined;
  /** `undefined` after a keyframe: it is a whole number or nothing, which V8 keeps in the object itself. */
  #leastLag: number | undefined;
  #starving = false;
  #gaveUpAt = 0;

  /**
   * `skipsDiscardable`: whether it may leave single frames out. Not for one who hands them on: the next reader could
   * not tell such a hole from a loss.
   */
  constructor(options: { readonly skipsDiscardable: boolean }) {
    this.#skipsDiscardable = options.skipsDiscardable;
  }

  /** Whether it waits for a keyframe: it has given a GOP up, or what it would have to take next is not held. */
  get starving(): boolean {
    return this.#starving;
  }

  /**
   * Whether to take nothing while a frame is on its way. Who has given a GOP up is behind a narrow link: a keyframe that queues
   * there gets old, and one that is made before the link is free is old already.
   */
  isPatient({ newest }: Readable): boolean {
    const waited = (newest?.capturedAt ?? 0) - this.#gaveUpAt;
    // A clock that was set back tells no time.
    return this.#starving && waited >= 0 && waited <= PATIENCE_MICROS;
  }

  /** Whether there may be a frame to take. Costs less than to ask for it. */
  isBehind({ newest }: Readable): boolean {
    return newest === undefined || newest.sequence !== this.#last;
  }

  /** The frame to take now, and taken with that; `undefined` if there is none yet. */
  next(track: Readable): Frame.Frame | undefined {
    const { newest } = track;
    for (;;) {
      // What `after` would say too, at a higher price: nearly every reader has the newest nearly always.
      if (newest === undefined || newest.sequence === this.#last) return undefined;
      const frame = track.after(this.#last);
      if (frame === undefined) {
        // A GOP was cut: where the reader stood is gone, or the keyframe that a newcomer begins with.
        this.#giveUp(newest);
        return undefined;
      }
      if (frame.keyframe && frame === newest && !this.#starving && this.#leastLag === 0) {
        // On a track of keyframes only that is every frame.
        const last = this.#last;
        this.#last = frame.sequence;
        if (last !== undefined && frame.sequence !== last + 1) this.#skipped(track, frame.sequence, last);
        return frame;
      }
      if (frame.keyframe) {
        this.#starving = false;
        this.#leastLag = undefined;
      } else if (this.#starving) {
        return undefined;
      }
      const lag = newest.capturedAt - frame.capturedAt;
      if (!frame.keyframe && this.#leastLag !== undefined && lag > this.#leastLag + MAX_LAG_MICROS) {
        this.#giveUp(newest);
        return undefined;
      }
      this.#leastLag = Math.min(this.#leastLag ?? lag, lag);
      const last = this.#last;
      this.#last = frame.sequence;
      if (last !== undefined && frame.sequence !== last + 1) this.#skipped(track, frame.sequence, last);
      if (lag > 0 && frame.discardable && this.#skipsDiscardable) {
        track.skip?.(1);
        continue;
      }
      return frame;
    }
  }

  #giveUp({ capturedAt }: Frame.Frame): void {
    if (this.#starving) return;
    this.#starving = true;
    this.#gaveUpAt = capturedAt;
  }

  #skipped(track: Readable, sequence: number, last: number): void {
    const frames = distance(sequence, last) - 1;
    if (frames > 0) track.skip?.(frames);
  }

  /** Leave out what is there: the next frame to take is the one that comes next. */
  skip(track: Readable): void {
    this.reset();
    this.#last = track.newest?.sequence;
  }

  /** Start anew: the track has another number. */
  reset(): void {
    this.#last = undefined;
    this.#leastLag = undefined;
    this.#starving = false;
  }
}
