/**
 * A `<video>` that is further behind what it was given plays as fast as it can: faster than the camera. What it takes for a frame then is
 * work. One that is not waits for the camera, and for the time of each frame.
 */
const BEHIND_MS = 250;

/** A video that shows nothing for this time, though it is behind, is at work on the next picture. A jump takes less. */
const SILENT_MS = 300;

/** Before its first picture it may still be at work on those of the track before. */
const FIRST_SILENT_MS = 1_500;

/** What a video has been given and has not shown. */
export interface Pending {
  /** When the first of it was given, on the clock of `performance.now()`. */
  readonly firstAtMs: number;
  /** From the picture on the screen to the last of it, on its timeline. */
  readonly behindMs: number;
}

/**
 * How long a `<video>` works on a frame. Nobody tells what its decoder does, so it is taken from what it shows, and when: while it is behind
 * it has always something to do.
 */
export class VideoWork {
  readonly #worked: (workMs: number) => void;
  #shownAtMs = Number.NEGATIVE_INFINITY;

  /** `worked` is told how many ms of work were in a frame; see `PipelineEvents.worked`. */
  constructor(worked: (workMs: number) => void) {
    this.#worked = worked;
  }

  /** It shows a picture at `nowMs`: `frames` after the one before, of a camera with one every `intervalMs`. */
  shown(frames: number, intervalMs: number, pending: Pending, nowMs: number): void {
    const workMs = (nowMs - this.#beganAtMs(pending)) / frames;
    this.#worked(pending.behindMs > BEHIND_MS ? workMs : Math.min(workMs, intervalMs));
    this.#shownAtMs = nowMs;
  }

  /** It is `nowMs`, and it has not shown anything new. Ask often: each time counts as a frame. */
  look(pending: Pending, nowMs: number): void {
    const silentMs = nowMs - this.#beganAtMs(pending);
    const mostMs = this.#shownAtMs === Number.NEGATIVE_INFINITY ? FIRST_SILENT_MS : SILENT_MS;
    if (pending.behindMs > BEHIND_MS && silentMs > mostMs) this.#worked(silentMs);
  }

  // Before that it was at work on the picture before, or had nothing.
  #beganAtMs({ firstAtMs }: Pending): number {
    return Math.max(firstAtMs, this.#shownAtMs);
  }
}
