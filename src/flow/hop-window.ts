import { Floor } from "./floor.ts";

/** Frames that may be on their way over one hop, unconfirmed: a second at 60/s. */
const MAX_FRAMES = 64;

/** Bytes that may be on their way, unless they are one frame's. */
const MAX_BYTES = 4 * 1024 * 1024;

/** How much longer than the least round trip a frame may take before the way counts as full: half of it, and this. */
const SLACK_MS = 10;

/** How long a round trip counts for the least one. */
const FLOOR_SPAN_MS = 10_000;

/** How often the least round trip is measured, in ms: without a frame, on an empty way. */
const PROBE_EVERY_MS = 2000;

/**
 * How many frames a sender may have on the way to a broker that confirms each. Large enough to fill a way with delay, and
 * one where the way is full: what has no place waits in the sender's slot, where newer ones replace it, and not in a socket.
 */
export class HopWindow {
  readonly #onWay: { readonly sentAtMs: number; readonly bytes: number; readonly wasLimited: boolean }[] = [];
  readonly #floor = new Floor(FLOOR_SPAN_MS);
  #frames = 1;
  #bytes = 0;
  #probedAtMs = Number.NEGATIVE_INFINITY;

  /** Whether one more may go. */
  get isOpen(): boolean {
    return this.#onWay.length < this.#frames && (this.#bytes === 0 || this.#bytes < MAX_BYTES);
  }

  /** Frames that may be on the way. */
  get frames(): number {
    return this.#frames;
  }

  /** Whether the way is empty and its round trip is not known of late: a bare question should go first. */
  shouldProbe(nowMs: number): boolean {
    return this.#onWay.length === 0 && nowMs - this.#probedAtMs >= PROBE_EVERY_MS;
  }

  /** A bare question took so long. */
  probed(tripMs: number, nowMs: number): void {
    this.#probedAtMs = nowMs;
    this.#floor.add(tripMs, nowMs);
  }

  /** Bytes that left and are not confirmed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A frame leaves. */
  sent(bytes: number, nowMs: number): void {
    const wasLimited = this.#onWay.length + 1 >= this.#frames;
    this.#onWay.push({ sentAtMs: nowMs, bytes, wasLimited });
    this.#bytes += bytes;
  }

  /** The oldest is confirmed. */
  confirmed(nowMs: number): void {
    const oldest = this.#onWay.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    const tripMs = nowMs - oldest.sentAtMs;
    const floorMs = this.#floor.add(tripMs, nowMs);
    if (tripMs > 1.5 * floorMs + SLACK_MS) this.#frames = Math.max(1, this.#frames - 1);
    else if (oldest.wasLimited) this.#frames = Math.min(MAX_FRAMES, this.#frames + 1);
  }

  /** Another connection: nothing is on the way. */
  clear(): void {
    this.#onWay.length = 0;
    this.#bytes = 0;
    this.#frames = 1;
    this.#floor.clear();
    this.#probedAtMs = Number.NEGATIVE_INFINITY;
  }
}
