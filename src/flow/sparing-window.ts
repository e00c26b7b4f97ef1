import { distance } from "./serial.ts";
import type { ArrivedFrame, FrameWindow } from "./window.ts";

/** Frames in a row without a gap before the first acknowledgement is spared: this link carries every frame. */
const STEADY_FRAMES = 16;

/** The same after sparing has cost something again and again: two minutes at 30 frames a second. */
const MAX_STEADY_FRAMES = 4_096;

/** So many times as long it waits after each time that sparing has cost something. */
const BACK_OFF = 4;

/** What is left for the transfer of a frame and for jitter, in parts of the camera's interval. */
const SLACK_PART = 1 / 2;

/** A frame that had to wait for its acknowledgement comes later than others: more than this on average is too much. */
const MAX_COST_MS = 3;

/** Frames over which that average is taken. */
const COST_FRAMES = 8;

/**
 * A window that does not acknowledge every frame where the sender has credit enough without: on a good link every second one,
 * of tracks with deltas every fourth. Reading an acknowledgement costs a sender half of what the frame costs, and a phone
 * its radio. The window itself, and with it what may be on the way, is that of the window inside.
 *
 * The sender is never to wait for an acknowledgement that was spared. So nothing is spared while frames are left out, and each
 * time that the next one will come before the credit is used up, by the camera's interval and the round trip. How long a
 * frame takes on the link is not known where none waits for another; where that was too long, frames come late, and it is not tried
 * again for a while.
 */
export class SparingWindow implements FrameWindow {
  readonly #window: FrameWindow;
  #told: number | undefined;
  // Frames that the sender may send and that did not come yet; 0 where that is not certain.
  #coming = 0;
  #spared = false;
  #roundTripMs: number | undefined;
  #paintMs = 0;
  #intervalMs = 0;
  // The last frame that came, and whether it is done with.
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #arrivedAtMs = 0;
  #done = false;
  #steady = 0;
  #steadyFrames = STEADY_FRAMES;
  /** Of the frame behind a spared acknowledgement, which cannot have waited for it. */
  #promptMs: number | undefined;
  #costMs = 0;

  constructor(window: FrameWindow) {
    this.#window = window;
  }

  get frames(): number {
    return this.#window.frames;
  }

  get catchingUp(): boolean {
    return this.#window.catchingUp;
  }

  get breathing(): boolean {
    return !this.#spared && this.#window.breathing;
  }

  get waiting(): boolean {
    return !this.#spared && this.#window.waiting;
  }

  waitMs(nowMs: number): number {
    return this.#window.waitMs(nowMs);
  }

  arrived(frame: ArrivedFrame, nowMs: number, roundTripMs?: number): void {
    this.#window.arrived(frame, nowMs, roundTripMs);
    const { sequence, capturedAtMs } = frame;
    const next = this.#sequence !== undefined && distance(sequence, this.#sequence) === 1;
    const intervalMs = capturedAtMs - this.#capturedAtMs;
    this.#roundTripMs = roundTripMs;
    this.#coming = Math.max(0, this.#coming - 1);
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
    this.#arrivedAtMs = nowMs;
    this.#done = false;
    if (!next || intervalMs <= 0 || intervalMs > 1_000) {
      if (this.#steady >= this.#steadyFrames) this.#backOff();
      this.#steady = 0;
      this.#intervalMs = 0;
      return;
    }
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
    this.#weigh(nowMs - capturedAtMs);
  }

  painted(delayMs: number, nowMs: number): void {
    this.#window.painted(delayMs, nowMs);
  }

  done(sequence: number): void {
    this.#window.done(sequence);
    this.#done = sequence === this.#sequence;
  }

  ask(nowMs: number): number | undefined {
    if (this.#done) this.#paintMs = Math.max(nowMs - this.#arrivedAtMs, (this.#paintMs * 7) / 8);
    this.#spared = this.#canWait;
    if (this.#spared) return undefined;
    const told = this.#window.ask(nowMs);
    if (told === undefined) return undefined;
    this.#told = told;
    this.#coming = this.#done ? told : 0;
    return told;
  }

  /** Whether the sender can send whatever comes before it hears of the next frame. */
  get #canWait(): boolean {
    if (this.#steady < this.#steadyFrames || !this.#done || this.#window.catchingUp) return false;
    if (this.#roundTripMs === undefined || this.#told !== this.#window.frames) return false;
    return this.#roundTripMs + this.#paintMs < (this.#coming - SLACK_PART) * this.#intervalMs;
  }

  /** What sparing costs: the frame behind an acknowledgement may have waited for it, the one before that did not. */
  #weigh(delayMs: number): void {
    if (++this.#steady > MAX_STEADY_FRAMES) this.#steadyFrames = STEADY_FRAMES;
    if (this.#spared) {
      this.#promptMs = delayMs;
    } else if (this.#promptMs !== undefined) {
      this.#costMs += (delayMs - this.#promptMs - this.#costMs) / COST_FRAMES;
      this.#promptMs = undefined;
      if (this.#costMs > MAX_COST_MS) this.#backOff();
    }
  }

  #backOff(): void {
    this.#steadyFrames = Math.min(MAX_STEADY_FRAMES, this.#steadyFrames * BACK_OFF);
    this.#steady = 0;
    this.#promptMs = undefined;
    this.#costMs = 0;
  }
}
