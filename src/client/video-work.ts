/**
 * A `<video>` that is further behind what it was given plays as fast as it can: faster than the camera. What it takes for a frame then is
 * work. One that is not waits for the camera, and for the time of each frame.
 */
const BEHIND_MS = 250;

/** A video that shows nothing for this time, though it is behind, is at work on the next picture. */
const SILENT_MS = 300;

/** Before its first picture it may still be at work on those of the track before. */
const FIRST_SILENT_MS = 1_500;

/** It may have jumped, and has to go through all from the keyframe on: a decoder that is fast enough does that so many times as fast as the camera. */
const JUMP_SPEED = 4;

/** What a video has been given and has not shown. */
export interface Pending {
  /** When the first of it was given, on the clock of `performance.now()`. */
  readonly firstAtMs: number;
  /** From the picture on the screen to the last of it, on its timeline. */
  readonly behindMs: number;
  /** From the last keyframe to the last frame, at the camera's pace. */
  readonly groupMs: number;
}

/**
 * How long a `<video>` works on a frame. Nobody tells what its decoder does, so it is taken from what it shows, and when: while it is behind
 * it has always something to do.
 */
export class VideoWork {
  readonly #worked: (workMs: number) => void;
  readonly #sinceMs: number;
  #shownAtMs: number | undefined;

  /** From `nowMs` on. `worked` is told how many ms of work were in a frame; see `PipelineEvents.worked`. */
  constructor(nowMs: number, worked: (workMs: number) => void) {
    this.#sinceMs = nowMs;
    this.#worked = worked;
  }

  /** It shows a picture at `nowMs`: `frames` of the camera after the one before, of which there is one every `intervalMs`. */
  shown(frames: number, intervalMs: number, pending: Pending, nowMs: number): void {
    const workMs = (nowMs - this.#beganAtMs(pending)) / frames;
    this.#worked(pending.behindMs > BEHIND_MS ? workMs : Math.min(workMs, intervalMs));
    this.#shownAtMs = nowMs;
  }

  /** It is `nowMs`, and it has not shown anything new. Ask often: each time counts as a frame. */
  look(pending: Pending, nowMs: number): void {
    const silentMs = nowMs - this.#beganAtMs(pending);
    const mostMs = this.#shownAtMs === undefined ? FIRST_SILENT_MS : SILENT_MS;
    if (pending.behindMs > BEHIND_MS && silentMs > mostMs + pending.groupMs / JUMP_SPEED)
      this.#worked(silentMs);
  }

  // Before that it was at work on the picture before, or had nothing.
  #beganAtMs({ firstAtMs }: Pending): number {
    return Math.max(firstAtMs, this.#shownAtMs ?? this.#sinceMs);
  }
}
