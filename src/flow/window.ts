import { Limits } from "../protocol/index.ts";
import { Floor } from "./floor.ts";
import { Grants } from "./grants.ts";
import { distance } from "./serial.ts";

/** Frames that a viewer asks for before it knows anything: one on the way while one is painted. */
export const START_WINDOW_FRAMES = 2;

/** Frames are asked for this much more slowly than they seem to be carried: whatever queue there is drains. */
const EASE = 1.05;

/** Services in a row of which the shortest counts: what one frame waited for by chance is no lasting need. */
const SERVICES = 4;

/** A frame that is smaller than usual by more than this says nothing about usual ones. */
const MAX_SCALE = 4;

/** Frames without a gap after which what was measured while frames were skipped is of the past. */
const STEADY_FRAMES = 32;

/** The floor of the delay follows a route or a clock that changes within twice this time. */
const FLOOR_SPAN_MS = 5_000;

/** Delay above the floor that is the noise of cameras, decoders and schedulers, never a queue. */
const NOISE_MS = 12;

/** Frames in a row that must be late before a small window shrinks: one alone is a hiccup. */
const LATE_FRAMES = 2;

/** Frames in a row that would do with a smaller window before it becomes one. */
const CALM_FRAMES = 16;

/** The viewer's side of the flow control of one track; `Credit` is the sender's. */
export interface FrameWindow {
  /** The window now: 1 to {@link Limits.MAX_WINDOW_FRAMES}. */
  readonly frames: number;
  /** Whether the burst that a newcomer is sent is still coming in. */
  readonly catchingUp: boolean;
  /** A frame arrived at `nowMs`. `roundTripMs`: the shortest to the sender of late, if it is known. */
  arrived(frame: ArrivedFrame, nowMs: number, roundTripMs?: number): void;
  /**
   * A frame was painted at `nowMs`, `delayMs` after its capture. The two may be of clocks with any difference, as long
   * as it is the same each time.
   */
  painted(delayMs: number, nowMs: number): void;
  /** The frame of `sequence` is done with, and all that came before it. */
  done(sequence: number): void;
  /**
   * The window to tell the sender at `nowMs`, with what is done with; and told with that. `undefined`: not yet, ask again
   * after {@link waitMs}.
   */
  ask(nowMs: number): number | undefined;
  /** Whether the sender is to be told of a wider window after {@link waitMs}. */
  readonly waiting: boolean;
  /** How long to wait from `nowMs` before the next {@link ask}. */
  waitMs(nowMs: number): number;
}

/** What a window has to know of a frame. */
export interface ArrivedFrame {
  readonly sequence: number;
  /** On any clock. */
  readonly capturedAtMs: number;
  /** More than 0. */
  readonly bytes: number;
}

/**
 * How many frames one viewer should hold in flight of one track whose frames each stand alone, and when it should ask for
 * the next. Both follow from one measure. While frames are being skipped, the sender sends the moment that it is allowed
 * to; so the time from there to the arrival, less the round trip, is the *service*: the transfer of one frame and whatever
 * queue it stood in. Asked for one by one a service apart, frames leave no queue behind and the link no idle time: a
 * service that was too long for a queue makes the next question later, and the queue is gone. By Little's law the window
 * is what a round trip and a service hold at that pace. Where the link carries every frame there is nothing to pace.
 *
 * Times are only ever compared with others of the same kind, so the clocks of camera and viewer need not agree.
 */
export class Window implements FrameWindow {
  readonly catchingUp = false;
  readonly #grants = new Grants();
  #frames = START_WINDOW_FRAMES;
  #paceMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  // The camera: its own interval, whatever is skipped.
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;

  // The link and the viewer.
  #roundTripMs = 0;
  readonly #services: number[] = [];
  #steady = 0;
  #meanBytes = 0;
  #paintMs = 0;
  #arrivedAtMs = 0;
  #paintedAtMs = Number.NEGATIVE_INFINITY;
  readonly #floor = new Floor(FLOOR_SPAN_MS);
  #late = 0;
  #leastExcessMs = Number.POSITIVE_INFINITY;
  #calm = 0;

  /** `nowMs`: when its first {@link frames} are asked for. */
  constructor(nowMs: number) {
    this.#grants.allow(this.#frames, nowMs);
  }

  get frames(): number {
    return this.#frames;
  }

  arrived({ sequence, capturedAtMs, bytes }: ArrivedFrame, nowMs: number, roundTripMs = 0): void {
    this.#roundTripMs = roundTripMs;
    this.#arrivedAtMs = nowMs;
    this.#meanBytes += (bytes - this.#meanBytes) / (this.#meanBytes === 0 ? 1 : 8);
    // Sizes differ from frame to frame: what counts is the time that a usual one takes.
    const tookMs = this.#grants.arrived(sequence, nowMs);
    const servedMs = (tookMs - roundTripMs) * Math.min(MAX_SCALE, this.#meanBytes / bytes);
    const step = this.#sequence === undefined ? 1 : distance(sequence, this.#sequence);
    const elapsedMs = capturedAtMs - this.#capturedAtMs;
    const first = this.#sequence === undefined;
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
    // A step back, or one of minutes, is a camera that started again.
    if (first || step < 1 || step > 10_000) return;
    const intervalMs = Math.min(1_000, Math.max(0, elapsedMs / step));
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
    // A frame that follows the one before may have been waited for: its time says nothing about the way.
    if (step > 1) this.#serve(servedMs);
    else if (++this.#steady > STEADY_FRAMES) this.#services.length = 0;
  }

  painted(delayMs: number, nowMs: number): void {
    const paintMs = nowMs - Math.max(this.#paintedAtMs, Math.min(this.#arrivedAtMs, nowMs));
    this.#paintMs += (Math.min(paintMs, 1_000) - this.#paintMs) / 8;
    this.#paintedAtMs = nowMs;
    const excessMs = delayMs - this.#floor.add(delayMs, nowMs);
    // The newest frame at the instant of sending is up to one capture interval old: that is no queue either.
    const late = excessMs > NOISE_MS + this.#intervalMs;
    this.#leastExcessMs = late ? Math.min(this.#leastExcessMs, excessMs) : Number.POSITIVE_INFINITY;
    this.#late = late ? this.#late + 1 : 0;
    if (this.#late >= Math.max(LATE_FRAMES, this.#frames)) this.#drain();
  }

  done(sequence: number): void {
    this.#grants.done(sequence);
  }

  ask(nowMs: number): number | undefined {
    const { open } = this.#grants;
    if (open < this.#frames) {
      if (this.waitMs(nowMs) > 0) return undefined;
      this.#askedAtMs = nowMs;
      this.#grants.allow(this.#paceMs > 0 ? Math.max(1, open + 1) : this.#frames, nowMs);
    } else {
      this.#grants.allow(this.#frames, nowMs);
    }
    return this.#grants.open;
  }

  waitMs(nowMs: number): number {
    return Math.max(0, this.#askedAtMs + this.#paceMs - nowMs);
  }

  get waiting(): boolean {
    return this.#grants.open < this.#frames;
  }

  #serve(servedMs: number): void {
    if (!(servedMs > -this.#roundTripMs / 2)) return;
    this.#steady = 0;
    this.#services.push(Math.max(0, servedMs));
    if (this.#services.length > SERVICES) this.#services.shift();
    const leastMs = Math.min(...this.#services);
    const paceMs = EASE * Math.max(leastMs, this.#paintMs);
    if (paceMs > this.#intervalMs) {
      this.#paceMs = paceMs;
      this.#resize(Math.floor((this.#roundTripMs + leastMs + this.#paintMs) / paceMs) + 1);
    } else {
      // The link carries every frame: the window has to hold what is on the way when it is slowest, but no old queue.
      this.#paceMs = 0;
      const mostMs = Math.min(Math.max(...this.#services), 2 * this.#intervalMs);
      this.#resize(Math.ceil((this.#roundTripMs + mostMs + this.#paintMs) / this.#intervalMs) + 1);
    }
  }

  // Every frame comes, but late: a queue stands somewhere. What the way holds without one is left.
  #drain(): void {
    this.#late = 0;
    if (this.#intervalMs === 0) return;
    const queued = Math.max(1, Math.round(this.#leastExcessMs / this.#intervalMs));
    const onTheWay = Math.ceil(this.#roundTripMs / this.#intervalMs);
    this.#frames = Math.max(1, Math.min(this.#frames, Math.max(onTheWay, this.#frames - queued)));
  }

  // Wider at once, narrower after a while: a frame more than is needed does little harm at the right pace.
  #resize(frames: number): void {
    this.#calm = frames < this.#frames ? this.#calm + 1 : 0;
    if (frames === this.#frames || (frames < this.#frames && this.#calm < CALM_FRAMES)) return;
    this.#frames = Math.min(Limits.MAX_WINDOW_FRAMES, Math.max(1, frames));
    this.#calm = 0;
  }
}
