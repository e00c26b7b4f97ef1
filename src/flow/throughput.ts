import { Rate } from "./rate.ts";

/** The usual mean is over this time. */
const MEAN_SPAN_MS = 1_000;

/** Frames that are later than this came out of a queue. */
const QUEUE_MS = 60;

/** What came out of a queue in less time than this says little of the link. */
const QUEUE_SPAN_MS = 100;

/**
 * Bits per second of what arrives. The mean over a second knows what a link carried before it became slow; the queue in front of
 * it knows what it carries now.
 */
export class Throughput {
  readonly #bits = new Rate(MEAN_SPAN_MS);
  #lastAtMs = Number.NEGATIVE_INFINITY;
  // What has come since the queue began.
  #queueSinceMs: number | undefined;
  #queueBits = 0;
  #queueBps: number | undefined;

  /**
   * So many bits came at `nowMs`, as one frame that was late by `excessMs`. Behind a gap (`isGap`) the sender has waited, and
   * the link was idle.
   */
  add(bits: number, excessMs: number, isGap: boolean, nowMs: number): void {
    this.#lastAtMs = nowMs;
    this.#bits.add(nowMs, bits);
    if (excessMs < QUEUE_MS) this.#queueBps = undefined;
    if (excessMs < QUEUE_MS || isGap || this.#queueSinceMs === undefined) {
      // The first in the queue keeps the link busy from now on, or nearly so. Behind a gap the last figure stands.
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

  /** What came, over a second or so; 0 where nothing did. */
  receivedBps(nowMs: number): number {
    return this.#bits.perSecond(nowMs);
  }

  /** What the link carries: while there is a queue, what came out of that; else what came. */
  carriedBps(nowMs: number): number {
    // Of a link that has carried nothing since, a queue tells the past.
    const isOld = nowMs - this.#lastAtMs > MEAN_SPAN_MS;
    return (isOld ? undefined : this.#queueBps) ?? this.receivedBps(nowMs);
  }
}
