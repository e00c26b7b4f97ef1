import { Limits } from "../protocol/index.ts";
import { distance } from "./serial.ts";

/** Frames that a viewer asks for before it knows anything: one on the way while one is painted. */
export const START_WINDOW_FRAMES = 2;

/** The floor follows a route or a clock that changes within twice this time. */
const FLOOR_SPAN_MS = 5_000;

/** Delay above the floor that is the noise of cameras, decoders and schedulers, never a queue. */
const NOISE_MS = 12;

/** After a growth that had to be taken back, the next one waits this long; twice as long each time. */
const FIRST_PROBE_MS = 1_000;
const MAX_PROBE_MS = 30_000;

/** Growths in a row after which frames must be skipped less, or the window is not what holds them back. */
const TRIAL_GROWTHS = 4;

/** Frames in a row that must be late before a small window shrinks: one alone is a hiccup. */
const LATE_FRAMES = 2;

/**
 * How many frames one viewer should hold in flight of one track. It grows while frames are being skipped and the
 * delay is at its floor, and shrinks as soon as the delay grows above it: a queue is building up somewhere.
 *
 * Delays are only ever compared with each other, so the clocks of camera and viewer need not agree.
 */
export class Window {
  #frames = START_WINDOW_FRAMES;

  // What arrived.
  #lastSequence: number | undefined;
  #arrived = 0;
  #captured = 0;
  #step = 1;

  // The floor: the least delay of this span and of the one before it.
  #floorMs = Number.POSITIVE_INFINITY;
  #lastFloorMs = Number.POSITIVE_INFINITY;
  #spanEndsAtMs = Number.NEGATIVE_INFINITY;

  // The pace of painting, smoothed.
  #paintedAtMs: number | undefined;
  #intervalMs = 0;

  // Frames that were asked for under another window say nothing about this one.
  #settling = 0;
  #late = 0;
  #leastExcessMs = Number.POSITIVE_INFINITY;

  // Probing.
  #growths = 0;
  #trialStep = 0;
  #grownAtMs = Number.NEGATIVE_INFINITY;
  #probeMs = FIRST_PROBE_MS;
  #nextProbeAtMs = Number.NEGATIVE_INFINITY;

  /** The window now: 1 to {@link Limits.MAX_WINDOW_FRAMES}. */
  get frames(): number {
    return this.#frames;
  }

  /** A frame arrived. Call it for each, painted or not: the gaps are what the sender skipped. */
  arrived(sequence: number): void {
    const step = this.#lastSequence === undefined ? 1 : distance(sequence, this.#lastSequence);
    this.#lastSequence = sequence;
    // A step back, or one of minutes, is a camera that started again.
    if (step < 1 || step > 10_000) return;
    this.#arrived++;
    this.#captured += step;
    this.#step += (step - this.#step) / 8;
  }

  /**
   * A frame was painted at `nowMs`, `delayMs` after its capture. The two may be of clocks with any difference, as long
   * as it is the same each time. `roundTripMs`: the shortest to the sender of late, if it is known.
   */
  painted(delayMs: number, nowMs: number, roundTripMs = 0): void {
    this.#pace(nowMs);
    const excessMs = delayMs - this.#floor(delayMs, nowMs);
    // The newest frame at the instant of sending is up to one capture interval old: that is no queue either.
    const late = excessMs > Math.max(NOISE_MS, this.#intervalMs / Math.min(2, this.#step));
    this.#leastExcessMs = late ? Math.min(this.#leastExcessMs, excessMs) : Number.POSITIVE_INFINITY;
    this.#late = late ? this.#late + 1 : 0;
    if (this.#settling > 0) {
      this.#settling--;
      this.#late = 0;
      if (this.#settling === 0) this.#measure();
      return;
    }
    if (this.#late >= Math.max(LATE_FRAMES, this.#frames / 2)) this.#shrink(nowMs, roundTripMs);
    else if (!late && this.#arrived >= this.#frames) this.#round(nowMs);
  }

  #pace(nowMs: number): void {
    if (this.#paintedAtMs !== undefined) {
      // A pause (nothing moved, page busy) is not a pace: it counts for at most twice the last one.
      const intervalMs = nowMs - this.#paintedAtMs;
      if (this.#intervalMs === 0) this.#intervalMs = intervalMs;
      else this.#intervalMs += (Math.min(intervalMs, 2 * this.#intervalMs + 1) - this.#intervalMs) / 8;
    }
    this.#paintedAtMs = nowMs;
  }

  #floor(delayMs: number, nowMs: number): number {
    if (nowMs >= this.#spanEndsAtMs) {
      this.#spanEndsAtMs = nowMs + FLOOR_SPAN_MS;
      this.#lastFloorMs = this.#floorMs;
      this.#floorMs = delayMs;
    } else if (delayMs < this.#floorMs) {
      this.#floorMs = delayMs;
    }
    return Math.min(this.#floorMs, this.#lastFloorMs);
  }

  // A whole window of frames came in time: is more to be had?
  #round(nowMs: number): void {
    const step = this.#captured / this.#arrived;
    if (this.#captured === this.#arrived) {
      // Every frame comes. What was learned of this window holds.
      this.#growths = 0;
      this.#measure();
      return;
    }
    if (this.#growths >= TRIAL_GROWTHS && !this.#improved(step)) {
      this.#take(this.#frames - this.#growths, nowMs);
      return;
    }
    if (this.#growths >= TRIAL_GROWTHS) this.#growths = 0;
    if (nowMs < this.#nextProbeAtMs || this.#frames >= Limits.MAX_WINDOW_FRAMES) {
      this.#measure();
      return;
    }
    if (this.#growths === 0) this.#trialStep = step;
    // A growth that has stood for a while was right: the next one need not be timid.
    if (nowMs - this.#grownAtMs > 2 * this.#probeMs) this.#probeMs = FIRST_PROBE_MS;
    this.#growths++;
    this.#grownAtMs = nowMs;
    this.#resize(this.#frames + 1);
  }

  // While the window is what holds frames back, the step from one to the next falls as it grows. Half of that will do.
  #improved(step: number): boolean {
    const expected = this.#growths / this.#frames;
    return step - 1 <= (this.#trialStep - 1) * (1 - expected / 2);
  }

  #shrink(nowMs: number, roundTripMs: number): void {
    this.#late = 0;
    if (this.#intervalMs === 0) return;
    // Little's law, twice: what waits is the waiting time by the pace, and what a way without any queue holds at this
    // pace is on its way. A stall that is nobody's queue thus costs a far viewer little.
    const queued = Math.max(1, Math.round(this.#leastExcessMs / this.#intervalMs));
    const onTheWay = Math.round(roundTripMs / this.#intervalMs);
    const frames = Math.max(1, onTheWay, this.#frames - queued);
    if (frames < this.#frames) this.#take(frames, nowMs);
  }

  // Take growth back, and wait before the next attempt; longer each time that it did not last.
  #take(frames: number, nowMs: number): void {
    this.#growths = 0;
    this.#nextProbeAtMs = nowMs + this.#probeMs;
    this.#probeMs = Math.min(MAX_PROBE_MS, this.#probeMs * 2);
    this.#resize(frames);
  }

  #resize(frames: number): void {
    this.#settling = this.#frames;
    this.#frames = Math.min(Limits.MAX_WINDOW_FRAMES, Math.max(1, frames));
    this.#late = 0;
    this.#measure();
  }

  #measure(): void {
    this.#arrived = 0;
    this.#captured = 0;
  }
}
