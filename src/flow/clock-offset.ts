import type { Micros } from "../protocol/index.ts";

/** Answers kept: with one every two seconds, the last quarter of a minute. */
const SAMPLES = 8;

/** An answer older than this says nothing any more: clocks drift, and somebody may have set one. */
const MAX_AGE_US = 60_000_000;

/** What an answer takes longer than this, beyond the shortest, it has waited in a queue: hardly a way gets so much longer. */
const MAX_LONGER_US = 150_000;

/**
 * How far another machine's clock is ahead of this one, from questions and answers about the time. Of the last few
 * answers the one with the shortest round trip wins: it had the least room for error.
 */
export class ClockOffset {
  readonly #offsets = new Float64Array(SAMPLES);
  readonly #roundTrips = new Float64Array(SAMPLES);
  readonly #receivedAt = new Float64Array(SAMPLES);
  #count = 0;
  #best: number | undefined;
  #shortestMicros = Number.POSITIVE_INFINITY;
  #frameAt = 0;

  /** µs to add to this machine's clock to get the other's; `undefined` before the first answer. */
  get offsetMicros(): number | undefined {
    return this.#best === undefined ? undefined : this.#offsets[this.#best];
  }

  /** Round trip of the answer that the offset comes from, in ms. The offset is wrong by half of it at most. */
  get roundTripMs(): number | undefined {
    return this.#best === undefined ? undefined : (this.#roundTrips[this.#best] ?? 0) / 1000;
  }

  /**
   * Round trip of the way, in ms, without the queue of frames that answers stand in where a link is always full: whoever sizes a window
   * by that makes the queue longer. A way that has got longer is seen by the first answer that no frame came before.
   */
  get wayMs(): number | undefined {
    const { roundTripMs } = this;
    return roundTripMs && Math.min(roundTripMs, (this.#shortestMicros + MAX_LONGER_US) / 1000);
  }

  /** A frame came at `received`: answers to what was asked before then may have stood behind it. */
  frame(received: Micros): void {
    this.#frameAt = received;
  }

  /**
   * An answer came: asked at `sent` and received at `received` on this machine's clock, answered `at` on the other's.
   * An answer from before its own question (this clock was set in between) is ignored.
   */
  add(sent: Micros, at: Micros, received: Micros): void {
    if (received < sent) return;
    const slot = this.#count % SAMPLES;
    this.#offsets[slot] = at - (sent + received) / 2;
    this.#roundTrips[slot] = received - sent;
    this.#receivedAt[slot] = received;
    this.#count++;
    const isClear = this.#frameAt <= sent;
    this.#shortestMicros = isClear ? received - sent : Math.min(this.#shortestMicros, received - sent);
    this.#choose(slot, received);
  }

  /** Forget everything: the other end may be another machine now. */
  clear(): void {
    this.#count = 0;
    this.#best = undefined;
    this.#shortestMicros = Number.POSITIVE_INFINITY;
    this.#frameAt = 0;
  }

  #choose(newest: number, now: number): void {
    let best = newest;
    for (let slot = 0; slot < Math.min(this.#count, SAMPLES); slot++) {
      const ageMicros = now - (this.#receivedAt[slot] ?? 0);
      // An answer from the future was taken before this clock was set back: its offset is of the old clock.
      if (ageMicros < 0 || ageMicros > MAX_AGE_US) continue;
      if ((this.#roundTrips[slot] ?? 0) < (this.#roundTrips[best] ?? 0)) best = slot;
    }
    this.#best = best;
  }
}
