import { Limits } from "../protocol/index.ts";
import { Floor } from "./floor.ts";
import { distance } from "./serial.ts";
import type { ArrivedFrame, FrameWindow } from "./window.ts";

/** Frames that may be on the way beside those that the way itself holds: one being decoded, one to spare. */
const SPARE_FRAMES = 3;

/** The window at the beginning. It grows by one with each frame of the burst: a link that is narrow is not filled. */
const START_FRAMES = 8;

/** Frames in a row that come no faster than they were captured: the burst at the beginning is over. */
const CALM_FRAMES = 2;

/** A frame that comes within this part of its capture interval after the one before is part of a burst. */
const BURST_PART = 0.5;

/** A burst is given up after this time: the link is what it waits for. */
const MAX_BURST_MS = 5_000;

/** Delay above its floor that is a queue, whatever the noise of encoder and decoder. */
const LATE_MS = 60;

/** The floor and the round trip follow a route that changes within twice this time. */
const SPAN_MS = 30_000;

/** A window that was made small for a queue grows by one after this time without any. */
const GROW_EVERY_MS = 1_000;

/** Before the second frame the interval is guessed. */
const GUESS_INTERVAL_MS = 33;

/** The longest interval of a camera: one picture in so many milliseconds. */
const MAX_INTERVAL_MS = 10_000;

/**
 * How many frames one viewer should hold in flight of a track whose frames need each other. No single one can be
 * skipped, so a window that is too small does not make frames rarer, it makes them late: it has to cover the round
 * trip at the track's own pace. It opens wide for the burst that a newcomer is sent, doubling with each round trip, and is made
 * smaller, down to what the round trip holds, while the delay shows a queue on the way.
 */
export class DeltaWindow implements FrameWindow {
  readonly waiting = false;
  readonly breathing = false;
  #catchingUp = true;
  #opened = START_FRAMES;
  #calm = 0;
  #startedAtMs: number | undefined;
  #arrivedAtMs = 0;
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;
  #onTheWay = 0;
  #spare = SPARE_FRAMES;
  #late = 0;
  #changedAtMs = Number.NEGATIVE_INFINITY;
  readonly #delay = new Floor(SPAN_MS);
  readonly #roundTrip = new Floor(SPAN_MS);

  get frames(): number {
    if (this.#catchingUp) return this.#opened;
    return Math.min(Limits.MAX_WINDOW_FRAMES, Math.max(1, this.#onTheWay + this.#spare));
  }

  get catchingUp(): boolean {
    return this.#catchingUp;
  }

  arrived({ sequence, capturedAtMs }: ArrivedFrame, nowMs: number, roundTripMs?: number): void {
    this.#startedAtMs ??= nowMs;
    if (this.#sequence !== undefined) {
      const elapsedMs = capturedAtMs - this.#capturedAtMs;
      this.#count(elapsedMs / Math.max(1, distance(sequence, this.#sequence)));
      const burst = nowMs - this.#arrivedAtMs < elapsedMs * BURST_PART;
      this.#calm = burst ? 0 : this.#calm + 1;
      if (burst) this.#opened = Math.min(Limits.MAX_WINDOW_FRAMES, this.#opened + 1);
    }
    if (this.#calm >= CALM_FRAMES || nowMs - this.#startedAtMs > MAX_BURST_MS) this.#catchingUp = false;
    this.#arrivedAtMs = nowMs;
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
    if (roundTripMs !== undefined) {
      this.#onTheWay = Math.ceil(
        this.#roundTrip.add(roundTripMs, nowMs) / (this.#intervalMs || GUESS_INTERVAL_MS),
      );
    }
    this.#weigh(this.#delay.add(nowMs - capturedAtMs, nowMs), nowMs - capturedAtMs, nowMs);
  }

  // Painting is no part of it: a decoder takes frames as fast as they come, or the track is not for this viewer.
  painted(): void {}

  done(): void {}

  ask(): number {
    return this.frames;
  }

  waitMs(): number {
    return 0;
  }

  #count(intervalMs: number): void {
    // A clock that was set tells no interval.
    if (intervalMs <= 0 || intervalMs > MAX_INTERVAL_MS) return;
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
  }

  #weigh(floorMs: number, delayMs: number, nowMs: number): void {
    if (this.#catchingUp) return;
    const late = delayMs - floorMs > Math.max(LATE_MS, 2 * this.#intervalMs);
    this.#late = late ? this.#late + 1 : 0;
    if (this.#late >= this.frames && this.#spare > 1) {
      this.#spare--;
      this.#late = 0;
      this.#changedAtMs = nowMs;
    } else if (!late && this.#spare < SPARE_FRAMES && nowMs - this.#changedAtMs > GROW_EVERY_MS) {
      this.#spare++;
      this.#changedAtMs = nowMs;
    }
  }
}
