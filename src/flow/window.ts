import { Limits } from "../protocol/index.ts";
import { Floor } from "./floor.ts";
import { Grants } from "./grants.ts";
import { distance } from "./serial.ts";
import { Service } from "./service.ts";

/** Frames that a viewer asks for before it knows anything: one on the way while one is painted. */
export const START_WINDOW_FRAMES = 2;

/**
 * A frame is asked for so long before the link is free for it. TCP that falls idle sends the next frame in one burst, whose end a
 * short queue drops; and with nothing behind it that is noticed only after hundreds of milliseconds.
 */
const OVERLAP_MS = 2;

/** So often the link is left empty for a moment: its round trip can be measured then, and no queue gets older than this. */
const BREATH_MS = 3_000;

/** Such a breath costs a round trip: it takes no more than this part of the time. */
const BREATH_PART = 1 / 40;

/** Frames in a row that found the link idle before the next are asked for too early, to see what it carries. */
const ALONE_FRAMES = 4;

/** That much too early, in parts of a service or of the camera's interval, whichever is less: the promise leaves room for it. */
const PROBE_PART = 1 / 2;

/** Frames are asked for this much more slowly than they are painted: whatever waits there drains. */
const EASE = 1.05;

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
  /** Whether the last {@link ask} found the way empty, which is rare: this is the time to measure the round trip. */
  readonly breathing: boolean;
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
 * the next. Both follow from one measure: the {@link Service}, which is what the link needs for a frame. While frames are being
 * skipped, the sender sends the moment that it is allowed to; so each frame is asked for when the link is about to be free for
 * it, reckoned from what came and what is on its way. Then frames leave no queue behind and the link no idle time. By
 * Little's law the window is what a round trip and a service hold at that pace. Where the link carries every frame there
 * is nothing to pace.
 *
 * Times are only ever compared with others of the same kind, so the clocks of camera and viewer need not agree.
 */
export class Window implements FrameWindow {
  readonly catchingUp = false;
  readonly #grants = new Grants();
  readonly #sendsNext: boolean;
  #frames = START_WINDOW_FRAMES;
  #paced = false;
  #emptying = false;
  #breathing = false;
  #emptyAtMs = Number.NEGATIVE_INFINITY;

  // The camera: its own interval, whatever is skipped.
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;

  // The link and the viewer.
  #roundTripMs = 0;
  readonly #service = new Service();
  #steady = 0;
  #meanBytes = 0;
  #paintMs = 0;
  #arrivedAtMs = 0;
  #paintedAtMs = Number.NEGATIVE_INFINITY;
  readonly #floor = new Floor(FLOOR_SPAN_MS);
  #late = 0;
  #leastExcessMs = Number.POSITIVE_INFINITY;
  #calm = 0;

  /**
   * `nowMs`: when its first {@link frames} are asked for. With `sendsNext` the sender holds no frame, so that one that is asked for is
   * the next of the camera, up to an interval later; of two that are asked for at once it would send the same frame twice.
   */
  constructor(nowMs: number, options: { readonly sendsNext: boolean } = { sendsNext: false }) {
    this.#sendsNext = options.sendsNext;
    if (options.sendsNext) this.#frames = 1;
    this.#grants.allow(this.#frames, nowMs);
  }

  get frames(): number {
    return this.#frames;
  }

  arrived({ sequence, capturedAtMs, bytes }: ArrivedFrame, nowMs: number, roundTripMs = 0): void {
    this.#roundTripMs = roundTripMs;
    this.#arrivedAtMs = nowMs;
    this.#meanBytes += (bytes - this.#meanBytes) / (this.#meanBytes === 0 ? 1 : 8);
    const tookMs = this.#grants.arrived(sequence, nowMs);
    const step = this.#sequence === undefined ? 1 : distance(sequence, this.#sequence);
    const elapsedMs = capturedAtMs - this.#capturedAtMs;
    const first = this.#sequence === undefined;
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
    // A step back, or one of minutes, is a camera that started again.
    if (first || step < 1 || step > 10_000) {
      this.#service.pass(nowMs);
      return;
    }
    const intervalMs = Math.min(1_000, Math.max(0, elapsedMs / step));
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
    // A frame that follows the one before may have been waited for: its time says nothing about the way.
    if (step > 1) {
      this.#steady = 0;
      this.#service.add(nowMs - tookMs + roundTripMs, bytes / this.#meanBytes, nowMs);
      this.#serve(nowMs);
    } else {
      this.#service.pass(nowMs);
      if (++this.#steady > STEADY_FRAMES) this.#steadied();
    }
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
    if (!this.#paced && this.#late >= Math.max(LATE_FRAMES, this.#frames)) this.#drain();
  }

  done(sequence: number): void {
    this.#grants.done(sequence);
  }

  ask(nowMs: number): number | undefined {
    const { open, coming } = this.#grants;
    this.#breathing = false;
    if (open >= this.#frames || !this.#paced) {
      this.#grants.allow(this.#frames, nowMs);
    } else {
      if (!this.waiting || this.waitMs(nowMs) > 0) return undefined;
      this.#breathing = this.#emptying;
      if (coming === 0) this.#emptyAtMs = nowMs;
      this.#emptying = false;
      this.#grants.allow(Math.max(1, open + 1), nowMs);
    }
    return this.#grants.open;
  }

  waitMs(nowMs: number): number {
    if (!this.#paced) return 0;
    const serviceMs = this.#service.ms ?? 0;
    const eachMs = Math.max(serviceMs, EASE * this.#paintMs);
    const freeMs = this.#service.freeMs + eachMs - serviceMs;
    const busyUntilMs = this.#grants.servedMs(freeMs, eachMs, this.#roundTripMs);
    const alone = this.#service.alone > ALONE_FRAMES;
    const probeMs = alone ? PROBE_PART * Math.min(serviceMs, this.#intervalMs) : 0;
    return Math.max(0, busyUntilMs - this.#roundTripMs - this.#nextMs - OVERLAP_MS - probeMs - nowMs);
  }

  get waiting(): boolean {
    const { open, coming } = this.#grants;
    return open < this.#frames && !(this.#emptying && coming > 0);
  }

  get breathing(): boolean {
    return this.#breathing;
  }

  /** Whether the link carries less than the camera gives, so that frames are asked for one by one. */
  get isPaced(): boolean {
    return this.#paced;
  }

  /** The longest that the sender waits for a frame before it can send one. */
  get #nextMs(): number {
    return this.#sendsNext ? this.#intervalMs : 0;
  }

  #steadied(): void {
    this.#service.clear();
    if (!this.#sendsNext) return;
    this.#paced = false;
    this.#frames = 1;
  }

  #serve(nowMs: number): void {
    const { ms, mostMs } = this.#service;
    // A camera whose clock stands still has no interval.
    if (ms === undefined || this.#intervalMs === 0) return;
    const paceMs = Math.max(ms, EASE * this.#paintMs);
    this.#paced = paceMs > this.#intervalMs;
    if (this.#paced) {
      const breath = nowMs - this.#emptyAtMs > Math.max(BREATH_MS, this.#roundTripMs / BREATH_PART);
      // What is on the way behind a frame that is overdue may take as long: nothing more is sent after it until it is here.
      this.#emptying = breath || this.#service.overdue;
      const overlapMs = paceMs > ms ? 0 : OVERLAP_MS;
      const eachMs = this.#roundTripMs + this.#nextMs + ms + overlapMs + this.#paintMs;
      this.#resize(Math.floor(eachMs / paceMs) + 1);
    } else if (this.#sendsNext) {
      this.#frames = 1;
    } else {
      // The link carries every frame: the window has to hold what is on the way when it is slowest, but no old queue.
      const slowMs = Math.min(mostMs, 2 * this.#intervalMs);
      this.#resize(Math.ceil((this.#roundTripMs + slowMs + this.#paintMs) / this.#intervalMs) + 1);
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
