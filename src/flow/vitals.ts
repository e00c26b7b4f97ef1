import { Capacity } from "./capacity.ts";
import type { Floor } from "./floor.ts";
import { MAX_LAG_MICROS } from "./reader.ts";
import { distance } from "./serial.ts";
import { Throughput } from "./throughput.ts";
import type { ArrivedFrame } from "./window.ts";

/** Of the frames within this time the least late counts: what one was late by its own size says little. */
const LATE_SPAN_MS = 250;

/** A sender gives a group of pictures up when it is further behind than this. What is left out in less, no other frame needs. */
const GIVEN_UP_MS = MAX_LAG_MICROS / 1_000;

/** A longer step is that of a camera that started again. */
const MAX_STEP = 10_000;

/** How a track does that is being watched. */
export interface Signs {
  /** By how much even the least late of the last frames was. */
  readonly lateMs: number;
  /** See {@link Throughput.receivedBps}. */
  readonly receivedBps: number;
  /** See {@link Throughput.carriedBps}. */
  readonly carriedBps: number;
  /** Bits per second that the link has lately been seen to carry, at least, when it was asked to; see {@link Capacity}. */
  readonly provenBps: number;
  /** Groups of pictures that the sender has given up so far. */
  readonly broken: number;
  /** Part of the camera's frames that did not come, over the last seconds. */
  readonly skipped: number;
  /** Mean bytes of a frame; 0 before the first. */
  readonly frameBytes: number;
  /** Time between two frames of the camera; 0 before the second. */
  readonly intervalMs: number;
  /** Time that the viewer works on a frame; see {@link Vitals.worked}. */
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
  #workMs = 0;
  readonly #throughput = new Throughput();
  readonly #capacity: Capacity;
  #sequence: number | undefined;
  #capturedAtMs = 0;
  #intervalMs = 0;
  #frameBytes = 0;
  #skipped = 0;
  #broken = 0;
  #beganAtMs: number | undefined;

  /** `floor` is that of the camera's delay, shared by its tracks; with `deltas` a long gap up to a keyframe is a group of pictures given up. */
  constructor(floor: Floor, deltas: boolean) {
    this.#floor = floor;
    this.#deltas = deltas;
    this.#capacity = new Capacity(deltas);
  }

  /** A frame arrived at `nowMs`. */
  arrived({ sequence, capturedAtMs, bytes, keyframe }: TrackFrame, nowMs: number): void {
    this.#beganAtMs ??= nowMs;
    const delayMs = nowMs - capturedAtMs;
    const excessMs = delayMs - this.#floor.add(delayMs, nowMs);
    this.#late.push({ atMs: nowMs, excessMs });
    while (this.#late.length > 1 && (this.#late[0]?.atMs ?? nowMs) < nowMs - LATE_SPAN_MS) this.#late.shift();
    const step = this.#sequence === undefined ? 1 : distance(sequence, this.#sequence);
    const elapsedMs = capturedAtMs - this.#capturedAtMs;
    const isNewGroup = this.#deltas && keyframe && step > 1 && elapsedMs > GIVEN_UP_MS;
    this.#throughput.add(8 * bytes, excessMs, isNewGroup, nowMs);
    this.#capacity.add(bytes, keyframe, excessMs, nowMs);
    this.#frameBytes += (bytes - this.#frameBytes) / (this.#frameBytes === 0 ? 1 : 16);
    if (this.#sequence !== undefined && step >= 1 && step <= MAX_STEP) {
      if (isNewGroup) this.#broken++;
      this.#count(step, elapsedMs);
    }
    this.#sequence = sequence;
    this.#capturedAtMs = capturedAtMs;
  }

  /**
   * So long the viewer worked on a frame, from when it could begin. What a picture that is ready waits for, to be painted together
   * with others, is no work: nothing smaller would shorten it.
   */
  worked(workMs: number): void {
    this.#workMs += (Math.min(1_000, workMs) - this.#workMs) / 8;
  }

  /** The signs at `nowMs`. */
  read(nowMs: number): Signs {
    const carriedBps = this.#throughput.carriedBps(nowMs);
    return {
      lateMs: this.#late.reduce(
        (least, { excessMs }) => Math.min(least, excessMs),
        this.#late[0]?.excessMs ?? 0,
      ),
      receivedBps: this.#throughput.receivedBps(nowMs),
      carriedBps,
      provenBps: Math.max(carriedBps, this.#capacity.provenBps(nowMs)),
      broken: this.#broken,
      skipped: this.#skipped,
      frameBytes: this.#frameBytes,
      intervalMs: this.#intervalMs,
      workMs: this.#workMs,
      beganAtMs: this.#beganAtMs,
    };
  }

  #count(step: number, elapsedMs: number): void {
    const intervalMs = Math.min(1_000, Math.max(0, elapsedMs / step));
    this.#intervalMs += (intervalMs - this.#intervalMs) / (this.#intervalMs === 0 ? 1 : 8);
    this.#skipped += ((step - 1) / step - this.#skipped) / 16;
  }
}
