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

/** Frames that are later than this came out of a queue. */
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
  /** Bits per second that came, over a second or so. */
  readonly receivedBps: number;
  /** The same; but while there is a queue, what came out of that, which is what the link carries. */
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

/** What the signs are taken from. */
export interface TrackFrame extends ArrivedFrame {
  readonly keyframe: boolean;
}

/** Takes the signs of one track from what arrives. */
export class Vitals {
  readonly #floor: Floor;
  readonly #deltas: boolean;
  readonly #late: { readonly atMs: number; readonly excessMs: number }[] = [];
  readonly #sequences = new Uint32Array(KEPT);
  readonly #arrivedAtMs = new Float64Array(KEPT);
  #arrived = 0;
  #done = 0;
  #doneAtMs = 0;
  #workMs = 0;
  #lastAtMs = 0;
  readonly #bits = new Rate(MEAN_SPAN_MS);
  // What has come since the queue began.
  #queueSinceMs: number | undefined;
  #queueBits = 0;
  #queueBps: number | undefined;
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;
  #leastBytes = Number.POSITIVE_INFINITY;
  // The first frame, until the second tells what is usual.
  #opening: { readonly bytes: number; readonly excessMs: number } | undefined;
  #frameBytes = 0;
  #skipped = 0;
  #broken = 0;
  #beganAtMs: number | undefined;

  // The two best proofs of this span and of the one before: one delta alone may be an accident.
  #best = 0;
  #good = 0;
  #lastGood = 0;
  #spanEndsAtMs = Number.NEGATIVE_INFINITY;

  /** `floor` is that of the camera's delay, shared by its tracks; with `deltas` a gap is a group of pictures given up. */
  constructor(floor: Floor, deltas: boolean) {
    this.#floor = floor;
    this.#deltas = deltas;
  }

  /** A frame arrived at `nowMs`. */
  arrived({ sequence, capturedAtMs, bytes, keyframe }: TrackFrame, nowMs: number): void {
    this.#beganAtMs ??= nowMs;
    this.#lastAtMs = nowMs;
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
    this.#turn(nowMs);
    if (this.#opening !== undefined) {
      this.#leastBytes = bytes;
      this.#prove(this.#opening.bytes, this.#opening.excessMs, true);
    }
    this.#opening = this.#arrived === 1 ? { bytes, excessMs } : undefined;
    if (this.#arrived > 1) this.#prove(bytes, excessMs, keyframe);
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
    const receivedBps = this.#bits.perSecond(nowMs);
    // Of a link that has carried nothing since, a queue tells the past.
    const queueBps = nowMs - this.#lastAtMs > MEAN_SPAN_MS ? undefined : this.#queueBps;
    const carriedBps = queueBps ?? receivedBps;
    this.#turn(nowMs);
    return {
      lateMs: this.#late.reduce(
        (least, { excessMs }) => Math.min(least, excessMs),
        this.#late[0]?.excessMs ?? 0,
      ),
      receivedBps,
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
  // frame in it has kept the link busy since the one before had come, or nearly so. Behind a gap that is not so: the sender has
  // waited, and the last figure stands.
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
    // What is older counts half.
    this.#queueSinceMs += spanMs / 2;
    this.#queueBits /= 2;
  }

  // A frame that is larger than others and hardly later came over a link that carries the difference in that time. A keyframe among deltas
  // needs no other: it is too large for an accident. One that is less late than all before tells of the clocks, or of another way.
  #prove(bytes: number, excessMs: number, keyframe: boolean): void {
    this.#leastBytes = Math.min(this.#leastBytes * 1.01, bytes);
    const moreBytes = bytes - this.#leastBytes;
    const alone = keyframe && this.#deltas;
    if (moreBytes < LARGE_BYTES || (alone && excessMs === 0)) return;
    const bps = (8_000 * moreBytes) / Math.max(NOISE_MS, excessMs);
    const second = alone ? bps : Math.min(bps, this.#best);
    this.#good = Math.max(this.#good, second);
    this.#best = Math.max(this.#best, bps);
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
