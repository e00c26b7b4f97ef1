import type { Floor } from "./floor.ts";
import { Rate } from "./rate.ts";
import { distance } from "./serial.ts";
import type { ArrivedFrame } from "./window.ts";

/** Of the frames within this time the least late counts: what one was late by its own size says little. */
const LATE_SPAN_MS = 250;

/** Frames remembered until they are done with. */
const KEPT = 128;

/** What a frame proves of the link is believed this long. */
const PROOF_SPAN_MS = 4_000;

/** Nothing is told apart on this scale: clocks, schedulers and encoders are no better. */
const NOISE_MS = 4;

/** Frames that are later than this came out of a queue: the link was never idle between them. */
const QUEUE_MS = 60;

/** So much more than other frames is large: a few packets pass any link at once, however slow it is for more. */
const LARGE_BYTES = 4_000;

/** What came out of a queue in less time than this says little of the link. */
const QUEUE_SPAN_MS = 100;

/** What the link carries is a mean over this time. */
const MEAN_SPAN_MS = 1_000;

/** How a track does that is being watched. */
export interface Signs {
  /** By how much even the least late of the last frames was. */
  readonly lateMs: number;
  /** Bits per second that came: over a second or so; while there is a queue, what came out of that. */
  readonly carriedBps: number;
  /** Bits per second that the link has lately been seen to carry, at least, when it was asked to. */
  readonly provenBps: number;
  /** Groups of pictures that the sender has given up so far. */
  readonly broken: number;
  /** Part of the camera's frames that did not come, over the last seconds. */
  readonly skipped: number;
  /** Mean bytes of a frame; 0 before the first. */
  readonly frameBytes: number;
  /** Time between two frames of the camera; 0 before the second. */
  readonly intervalMs: number;
  /** Time that the viewer works on a frame, from when it could begin until it is done with. */
  readonly workMs: number;
  /** When the first frame came; `undefined` before. */
  readonly beganAtMs: number | undefined;
}

/** Takes the signs of one track from what arrives. */
export class Vitals {
  readonly #floor: Floor;
  readonly #deltas: boolean;
  // Whether the floor is known from another track: the first frame of all has nothing to be late by.
  readonly #isLater: boolean;
  readonly #late: { readonly atMs: number; readonly excessMs: number }[] = [];
  readonly #sequences = new Uint32Array(KEPT);
  readonly #arrivedAtMs = new Float64Array(KEPT);
  #arrived = 0;
  #done = 0;
  #doneAtMs = 0;
  #workMs = 0;
  readonly #bits = new Rate(MEAN_SPAN_MS);
  // What has come since the queue began.
  #queueSinceMs: number | undefined;
  #queueBits = 0;
  #queueBps: number | undefined;
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;
  #leastBytes = Number.POSITIVE_INFINITY;
  #frameBytes = 0;
  #skipped = 0;
  #broken = 0;
  #beganAtMs: number | undefined;

  // The two best proofs of this span and of the one before: one alone may be an accident.
  #best = 0;
  #good = 0;
  #lastGood = 0;
  #spanEndsAtMs = Number.NEGATIVE_INFINITY;

  /** `floor` is that of the camera's delay, shared by its tracks; with `deltas` a gap is a group of pictures given up. */
  constructor(floor: Floor, deltas: boolean) {
    this.#floor = floor;
    this.#deltas = deltas;
    this.#isLater = deltas && Number.isFinite(floor.value);
  }

  /** A frame arrived at `nowMs`. */
  arrived({ sequence, capturedAtMs, bytes }: ArrivedFrame, nowMs: number): void {
    this.#beganAtMs ??= nowMs;
    const delayMs = nowMs - capturedAtMs;
    const excessMs = delayMs - this.#floor.add(delayMs, nowMs);
    this.#late.push({ atMs: nowMs, excessMs });
    while (this.#late.length > 1 && (this.#late[0]?.atMs ?? nowMs) < nowMs - LATE_SPAN_MS) this.#late.shift();
    this.#arrived++;
    this.#sequences[this.#arrived % KEPT] = sequence;
    this.#arrivedAtMs[this.#arrived % KEPT] = nowMs;
    this.#bits.add(nowMs, 8 * bytes);
    const isGap = this.#deltas && this.#sequence !== undefined && distance(sequence, this.#sequence) > 1;
    this.#queued(8 * bytes, excessMs, isGap, nowMs);
    this.#frameBytes += (bytes - this.#frameBytes) / (this.#frameBytes === 0 ? 1 : 16);
    this.#prove(bytes, excessMs, nowMs);
    this.#count(sequence, capturedAtMs);
  }

  /** The frame of `sequence` is done with since `nowMs`, and all that came before it. */
  done(sequence: number, nowMs: number): void {
    let arrivedAtMs = nowMs;
    while (
      this.#done < this.#arrived &&
      distance(sequence, this.#sequences[(this.#done + 1) % KEPT] ?? 0) >= 0
    ) {
      arrivedAtMs = this.#arrivedAtMs[++this.#done % KEPT] ?? nowMs;
    }
    const workMs = nowMs - Math.max(arrivedAtMs, this.#doneAtMs);
    this.#doneAtMs = nowMs;
    this.#workMs += (Math.min(1_000, workMs) - this.#workMs) / 8;
  }

  /** The signs at `nowMs`. */
  read(nowMs: number): Signs {
    const carriedBps = this.#queueBps ?? this.#bits.perSecond(nowMs);
    this.#turn(nowMs);
    return {
      lateMs: this.#late.reduce(
        (least, { excessMs }) => Math.min(least, excessMs),
        this.#late[0]?.excessMs ?? 0,
      ),
      carriedBps,
      provenBps: Math.max(carriedBps, this.#good, this.#lastGood),
      broken: this.#broken,
      skipped: this.#skipped,
      frameBytes: this.#frameBytes,
      intervalMs: this.#intervalMs,
      workMs: this.#workMs,
      beganAtMs: this.#beganAtMs,
    };
  }

  // The mean over a second knows what the link carried before it became slow; the queue knows what it carries now. The first
  // frame in it has kept the link busy since the one before had come. Behind a gap that is not so: the sender has waited.
  #queued(bits: number, excessMs: number, isGap: boolean, nowMs: number): void {
    if (excessMs < QUEUE_MS) this.#queueBps = undefined;
    if (excessMs < QUEUE_MS || isGap || this.#queueSinceMs === undefined) {
      this.#queueSinceMs = nowMs;
      this.#queueBits = 0;
      return;
    }
    this.#queueBits += bits;
    const spanMs = nowMs - this.#queueSinceMs;
    if (spanMs >= QUEUE_SPAN_MS) this.#queueBps = (1_000 * this.#queueBits) / spanMs;
    if (spanMs < MEAN_SPAN_MS) return;
    // Of a long queue the last half counts.
    this.#queueSinceMs += spanMs / 2;
    this.#queueBits /= 2;
  }

  // A frame that is larger than others and hardly later came over a link that carries the difference in that time. The keyframe
  // that a track begins with needs no other: it is far too large for an accident.
  #prove(bytes: number, excessMs: number, nowMs: number): void {
    this.#turn(nowMs);
    this.#leastBytes = Math.min(this.#leastBytes * 1.01, bytes);
    const isFirst = this.#arrived === 1 && this.#isLater;
    const moreBytes = isFirst ? bytes : bytes - this.#leastBytes;
    if (moreBytes < LARGE_BYTES) return;
    const bps = (8_000 * moreBytes) / Math.max(NOISE_MS, excessMs);
    if (isFirst) {
      this.#best = bps;
      this.#good = bps;
    } else if (bps > this.#best) {
      this.#good = this.#best;
      this.#best = bps;
    } else if (bps > this.#good) {
      this.#good = bps;
    }
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#spanEndsAtMs) return;
    this.#spanEndsAtMs = nowMs + PROOF_SPAN_MS;
    this.#lastGood = this.#good;
    this.#best = 0;
    this.#good = 0;
  }

  #count(sequence: number, capturedAtMs: number): void {
    const step = this.#sequence === undefined ? 1 : distance(sequence, this.#sequence);
    const elapsedMs = capturedAtMs - this.#capturedAtMs;
    const first = this.#sequence === undefined;
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
    if (first || step < 1 || step > 10_000) return;
    if (step > 1 && this.#deltas) this.#broken++;
    const intervalMs = Math.min(1_000, Math.max(0, elapsedMs / step));
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
    this.#skipped += ((step - 1) / step - this.#skipped) / 16;
  }
}
