import { Floor } from "../flow/floor.ts";
import { Limits } from "../protocol/index.ts";

/** Silence, in ms, after which nobody is there, where no message is long on its way. */
export const SILENCE_MS = 5_000;

/** The same while the first frame of a connection is awaited: how long one takes here, nobody knows yet. */
const FIRST_FRAME_MS = 20_000;

/** What was waited for once may take so many times as long the next time. */
const MARGIN = 2;

/** A wait counts for this time at least, and for twice that at most: longer than any that is waited for. */
const REMEMBERED_MS = 60_000;

/**
 * How long a server may say nothing before it counts as gone. A browser tells nothing of a message before its last byte is here, and
 * what was asked meanwhile is answered behind it; so a frame that is long on its way looks like a server that is gone, and to
 * connect again would only begin the same frame anew. It is as long as waits of late were, and some more. So it outlasts the
 * connections: it belongs to the way to the server.
 */
export class Patience {
  /** Of the waits, below zero: the longest is the least. */
  readonly #waits = new Floor(REMEMBERED_MS);

  /** The silence to bear, in ms. `isFirst`: a frame was asked for, and the connection has brought none yet. */
  limitMs(isFirst: boolean): number {
    const leastMs = isFirst ? FIRST_FRAME_MS : SILENCE_MS;
    // Beyond that the server takes this side for one that does not read.
    return Math.min(Limits.RECEIVER_TIMEOUT_MS, Math.max(leastMs, -MARGIN * this.#waits.value));
  }

  /** Until `nowMs`, on any steady clock, an answer was waited for `ms` while nothing came; then something did, or it was given up. */
  waited(ms: number, nowMs: number): void {
    this.#waits.add(-ms, nowMs);
  }
}
