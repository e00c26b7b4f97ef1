import { findSequence } from "../codec/index.ts";
import { distance } from "../flow/serial.ts";
import { type Frame, micros } from "../protocol/index.ts";
import { fragment, initSegment, TIMESCALE } from "./fragments.ts";
import type { Pipeline, PipelineOptions, Presented } from "./pipeline.ts";
import { Rounds } from "./rounds.ts";
import type { Surface } from "./surface.ts";
import { type Pending, VideoWork } from "./video-work.ts";

/** Interval of the frames before it is known, and the bounds of what is believed. */
const GUESS_S = 1 / 30;
const MIN_INTERVAL_S = 1 / 240;
const MAX_INTERVAL_S = 1;

/**
 * A hole in the timeline of more than two frames' length makes a browser drop everything up to the next keyframe, so what is
 * longer on the clock (a pause, frames left out) is made shorter on the timeline.
 */
const MAX_STEP_INTERVALS = 1.8;

/** Frames whose time is remembered until a `<video>` shows them. */
const MAX_PENDING = 1_024;

/** How often a video that has frames to show is looked after. */
const WATCH_EVERY_MS = 100;

/** Of all pipelines. */
const WATCH = new Rounds(WATCH_EVERY_MS);

/** Shortest time between two wishes for a keyframe: a wish may be lost, or its keyframe skipped. */
const WISH_EVERY_MS = 1_000;

/** A frame that the video has not shown. */
interface PendingFrame {
  readonly frame: Frame.Frame;
  /** Where it stands on the timeline. */
  readonly timeS: number;
  /** When it was given, on the clock of `performance.now()`. */
  readonly putAtMs: number;
}

/**
 * Frames that need each other, for a `<video>`: each becomes a fragment of MP4 on a timeline that follows the capture
 * times. A frame is done with as soon as it is handed over: a video shows what it will, when it will, and keeping it
 * at the live edge is the page's business.
 */
export class MediaPipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #watch = (): void => this.#look();
  #work: VideoWork;
  /** Surfaces that have the head of the stream. */
  #begun = new WeakSet<Surface>();
  /** Frames by the time at which the video shows them, oldest first. */
  #pending: PendingFrame[] = [];
  #parameters: Uint8Array | undefined;
  #playing = false;
  #held = false;
  #number = 0;
  #timeS = 0;
  #intervalS = GUESS_S;
  /** Of the camera, whether all frames come or not. */
  #paceS = GUESS_S;
  #putSequence: number | undefined;
  /** Frames of the camera since the last keyframe. */
  #groupFrames = 0;
  #capturedAt: number | undefined;
  #sequence: number | undefined;
  #wishedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#work = this.#freshWork();
  }

  put(frame: Frame.Frame): void {
    const { events, surfaces } = this.#options;
    try {
      if (frame.keyframe) this.#playing = true;
      const newcomer = [...surfaces].some((surface) => !this.#begun.has(surface));
      if (!this.#playing || newcomer) this.#wish();
      if (this.#playing) this.#play(frame);
    } catch (error) {
      events.failed(error);
    }
    events.done(frame);
  }

  // The timeline goes on: the video keeps its picture until the next keyframe.
  reset(): void {
    WATCH.delete(this.#watch);
    this.#work = this.#freshWork();
    this.#playing = false;
    this.#capturedAt = undefined;
    this.#putSequence = undefined;
    this.#sequence = undefined;
    this.#pending = [];
    this.#wishedAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A `<video>` could not go on: everything from the head. */
  restart(): void {
    this.reset();
    this.#begun = new WeakSet();
    this.#wish();
  }

  // What is not shown because it may not be is no work.
  hold(isHeld: boolean): void {
    if (isHeld === this.#held) return;
    this.#held = isHeld;
    this.#work = this.#freshWork();
  }

  presented({ timeS, at, width, height }: Presented): void {
    const [first] = this.#pending;
    if (first === undefined) return;
    const pending = this.#unshown(first, timeS);
    const before = this.#sequence ?? first.frame.sequence - 1;
    let frame: Frame.Frame | undefined;
    while (this.#pending[0] !== undefined && this.#pending[0].timeS <= timeS + 0.000_5) {
      if (frame !== undefined) this.#options.events.overwritten();
      frame = this.#pending.shift()?.frame;
    }
    if (frame === undefined) return;
    const frames = distance(frame.sequence, before);
    if (frames <= 0) return;
    this.#sequence = frame.sequence;
    this.#work.shown(frames, this.#paceS * 1000, pending, performance.now());
    this.#options.events.painted(frame, { width, height }, (micros(at) - frame.capturedAt) / 1000);
  }

  close(): void {
    this.reset();
  }

  #play(frame: Frame.Frame): void {
    const timeS = this.#advance(frame);
    const head = frame.keyframe ? initSegment(frame.payload) : undefined;
    const parameters = frame.keyframe ? findSequence(frame.payload)?.slice() : undefined;
    const changed = parameters !== undefined && String(parameters) !== String(this.#parameters);
    this.#parameters = parameters ?? this.#parameters;
    const { keyframe, discardable, payload } = frame;
    const time = Math.round(timeS * TIMESCALE);
    const duration = Math.round(this.#intervalS * TIMESCALE);
    const body = fragment(++this.#number, { payload, keyframe, discardable, time, duration });
    for (const surface of this.#options.surfaces) {
      const fresh = !this.#begun.has(surface);
      if (fresh && head === undefined) continue;
      this.#begun.add(surface);
      const first = head !== undefined && (fresh || changed) ? head : undefined;
      const bytes = first === undefined ? body.slice() : concat(first.bytes, body);
      surface.play({ stream: this.#options.stream, bytes, timeS, keyframe, fresh, codec: first?.codec });
    }
    this.#pending.push({ timeS, putAtMs: performance.now(), frame: { ...frame, payload: NOTHING } });
    if (this.#pending.length > MAX_PENDING) this.#pending.shift();
    WATCH.add(this.#watch);
  }

  #freshWork(): VideoWork {
    return new VideoWork(performance.now(), (workMs) => this.#options.events.worked(workMs));
  }

  #look(): void {
    const [first] = this.#pending;
    if (first === undefined) WATCH.delete(this.#watch);
    else if (!this.#held) this.#work.look(this.#unshown(first, first.timeS), performance.now());
  }

  // What the video has and has not shown, from `first` on, if it is at `timeS`.
  #unshown(first: PendingFrame, timeS: number): Pending {
    const behindMs = (this.#timeS - timeS) * 1000;
    return { firstAtMs: first.putAtMs, behindMs, groupMs: this.#groupFrames * this.#paceS * 1000 };
  }

  // Where the frame stands on the timeline. Of another run of the camera: one interval on.
  #advance({ capturedAt, sequence, keyframe }: Frame.Frame): number {
    const frames = this.#putSequence === undefined ? 1 : Math.max(1, distance(sequence, this.#putSequence));
    this.#putSequence = sequence;
    this.#groupFrames = keyframe ? 1 : this.#groupFrames + frames;
    let stepS = this.#number === 0 ? 0 : this.#intervalS;
    if (this.#capturedAt !== undefined) {
      const realS = (capturedAt - this.#capturedAt) / 1e6;
      stepS = Math.min(Math.max(realS, MIN_INTERVAL_S), MAX_STEP_INTERVALS * this.#intervalS);
      this.#paceS += (Math.min(MAX_INTERVAL_S, Math.max(realS / frames, MIN_INTERVAL_S)) - this.#paceS) / 8;
      this.#intervalS += (Math.min(MAX_INTERVAL_S, stepS) - this.#intervalS) / 8;
    }
    this.#capturedAt = capturedAt;
    this.#timeS += stepS;
    return this.#timeS;
  }

  #wish(): void {
    const nowMs = performance.now();
    if (nowMs - this.#wishedAtMs < WISH_EVERY_MS) return;
    this.#wishedAtMs = nowMs;
    this.#options.events.starved();
  }
}

const NOTHING = new Uint8Array(0);

function concat(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.byteLength + body.byteLength);
  whole.set(head);
  whole.set(body, head.byteLength);
  return whole;
}
