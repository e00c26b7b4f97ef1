import { Backoff, distance, Floor, MAX_LAG_MICROS } from "../flow/index.ts";
import { type Frame, Limits, now, ProtocolError } from "../protocol/index.ts";
import type { NatsLink } from "./nats-link.ts";
import { encode } from "./nats-messages.ts";
import { Meter } from "./nats-meter.ts";
import { Joiner } from "./nats-parts.ts";
import { askSubject, framesSubject } from "./nats-subjects.ts";

/** Milliseconds that a recorder has to send what it holds. */
const JOIN_TIMEOUT_MS = 2000;

/** Milliseconds for which the least age of late counts as the age of a frame that met no queue. */
const FLOOR_SPAN_MS = 10_000;

/** Milliseconds after the whole track was taken, or lagged, within which a lag says that the way is too narrow, rather than held up once. */
const NARROW_MS = 20_000;

/**
 * Frames in a row that a metered way has to carry at the camera's pace before the whole track is taken again; twice as many each time that
 * it lags soon after.
 */
const WIDE_FRAMES = { first: 8, most: 512 } as const;

/** Pauses of a track with deltas that lags again and again. */
const PAUSE = { firstMs: 250, maxMs: 4000 } as const;

/** Milliseconds between two attempts to close a hole. */
const MEND_MS = 500;

/** What a {@link Tap} takes, and for whom. */
export interface TapOptions {
  readonly camera: string;
  readonly track: string;
  /** Whether every frame is a keyframe: then one at a time will do. */
  readonly isPictures: () => boolean;
  /** What frames of the present run carry. */
  readonly number: () => number;
  /** A frame, in its place. */
  readonly put: (frame: Frame.Frame) => void;
  /** Frames were skipped, because this program or its way could not keep up. */
  readonly skipped: (frames: number) => void;
}

/**
 * One track taken from NATS. What its server has queued for this program cannot be taken back, so a queue must not grow: as soon as
 * frames come later than they could, the subscription ends, what is under way is thrown away, and it begins again at the newest. A track
 * of pictures begins one by one (see {@link Meter}), and stays so on a way that is too narrow for all.
 */
export class Tap {
  readonly #options: TapOptions;
  readonly #link: NatsLink;
  readonly #subject: string;
  readonly #floor = new Floor(FLOOR_SPAN_MS);
  readonly #joiner = new Joiner();
  readonly #pausing = new Backoff(PAUSE);
  #stop: (() => void) | undefined;
  #stopJoin: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** What came live while what was held before is on its way. */
  #waiting: Frame.Frame[] | undefined;
  #waitingBytes = 0;
  #last: number | undefined;
  #laggedAtMs = Number.NEGATIVE_INFINITY;
  #wideFrames = WIDE_FRAMES.first as number;
  #mendedAtMs = Number.NEGATIVE_INFINITY;
  #skipped = 0;

  constructor(options: TapOptions, link: NatsLink) {
    this.#options = options;
    this.#link = link;
    this.#subject = framesSubject(options.camera, options.track);
  }

  /** Forget what came: the next frames have nothing to do with it. */
  restart(): void {
    this.#last = undefined;
    this.open();
  }

  /** Begin, or go on: NATS is there again. */
  open(): void {
    this.close();
    this.#floor.clear();
    // A way that is not known is not filled: what NATS has given to its sockets cannot be taken back.
    if (this.#options.isPictures()) this.#meter();
    else this.#subscribe();
    this.#join();
  }

  /** Take no more. May be called twice. */
  close(): void {
    clearTimeout(this.#timer);
    this.#stop?.();
    this.#stop = undefined;
    this.#stopJoin?.();
    this.#stopJoin = undefined;
    this.#waiting = undefined;
    this.#joiner.clear();
  }

  #subscribe(): void {
    this.#joiner.clear();
    this.#stop = this.#link.subscribe(this.#subject, (data) =>
      this.#receive(data, this.#joiner, (frame) => this.#live(frame)),
    );
  }

  /** Take one at a time, until the way carries them all. */
  #meter(): void {
    const meter = new Meter(
      {
        subject: this.#subject,
        messages: this.#joiner.messages,
        take: (frame) => this.#accept(frame, (mine) => this.#put(mine)),
        quiet: () => this.#join(),
        wideFrames: this.#wideFrames,
        wide: () => {
          this.close();
          this.#floor.clear();
          this.#laggedAtMs = performance.now();
          this.#subscribe();
          // What is published before NATS has heard of it.
          this.#join();
        },
      },
      this.#link,
    );
    this.#stop = () => meter.close();
  }

  #receive(data: Uint8Array, joiner: Joiner, take: (frame: Frame.Frame) => void): void {
    let frame: Frame.Frame | undefined;
    try {
      frame = joiner.push(data);
    } catch (error) {
      if (error instanceof ProtocolError) return;
      throw error;
    }
    if (frame !== undefined) this.#accept(frame, take);
  }

  /** Another number: of a recorder that has this camera no longer. */
  #accept(frame: Frame.Frame, take: (frame: Frame.Frame) => void): void {
    if (frame.track === this.#options.number()) take(frame);
  }

  #live(frame: Frame.Frame): void {
    if (this.#lags(frame)) return;
    if (this.#waiting === undefined) {
      this.#put(frame);
    } else if (frame.keyframe) {
      // Nothing from before is needed any more.
      this.#joined();
      this.#put(frame);
    } else if (this.#waitingBytes + frame.payload.byteLength <= Limits.MAX_GOP_BYTES) {
      this.#waiting.push(frame);
      this.#waitingBytes += frame.payload.byteLength;
    }
  }

  /** Whether a frame comes so late that there is a queue somewhere on its way: then the way is cleared. */
  #lags(frame: Frame.Frame): boolean {
    const nowMs = performance.now();
    const ageMs = (now() - frame.capturedAt) / 1000;
    const floorMs = this.#floor.add(ageMs, nowMs);
    if (ageMs - floorMs <= MAX_LAG_MICROS / 1000) return false;
    const isAgain = nowMs - this.#laggedAtMs < NARROW_MS;
    this.#laggedAtMs = nowMs;
    const isPictures = this.#options.isPictures();
    if (!isAgain) {
      this.#pausing.reset();
      this.#wideFrames = WIDE_FRAMES.first;
    } else {
      this.#wideFrames = Math.min(WIDE_FRAMES.most, 2 * this.#wideFrames);
    }
    const pauseMs = isAgain && !isPictures ? this.#pausing.next() : 0;
    this.close();
    this.#skipped++;
    this.#options.skipped(this.#skipped);
    let isOver = false;
    this.#stop = () => {
      isOver = true;
    };
    // Everything that was queued has come, and was thrown away, when this is called.
    this.#link.settle(() => {
      if (isOver) return;
      this.#timer = setTimeout(() => this.open(), pauseMs);
    });
    return true;
  }

  /** Ask the recorder for what it holds, so that there is a picture at once. */
  #join(): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    const joiner = new Joiner();
    this.#stopJoin = this.#link.collect(
      askSubject(this.#options.camera),
      encode({ type: "newest", track: this.#options.track }),
      (data) => this.#receive(data, joiner, (frame) => this.#put(frame)),
      () => this.#joined(),
      JOIN_TIMEOUT_MS,
    );
  }

  #joined(): void {
    this.#stopJoin?.();
    this.#stopJoin = undefined;
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const frame of waiting) this.#put(frame);
  }

  #put(frame: Frame.Frame): void {
    const ahead = this.#last === undefined ? undefined : distance(frame.sequence, this.#last);
    // Came twice: live, and with what the recorder held. A sequence never goes back.
    if (ahead !== undefined && ahead <= 0) return;
    if (!frame.keyframe && ahead !== 1) {
      this.#mend();
      return;
    }
    this.#last = frame.sequence;
    this.#options.put(frame);
  }

  /** Something was lost on the way. The recorder has it still. */
  #mend(): void {
    const nowMs = performance.now();
    if (this.#waiting !== undefined || nowMs - this.#mendedAtMs < MEND_MS) return;
    this.#mendedAtMs = nowMs;
    this.#join();
  }
}
