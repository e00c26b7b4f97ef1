import { Floor } from "./floor.ts";
import { Service } from "./service.ts";

/** Frames that may be on their way over one hop, unconfirmed: a second at 60/s. */
const MAX_FRAMES = 64;

/** Bytes that may be on their way, unless they are one frame's. */
const MAX_BYTES = 4 * 1024 * 1024;

/** A frame leaves so long before the way is free for it: TCP that falls idle takes a while to be as fast again. */
const OVERLAP_MS = 2;

/** How long a round trip counts for the least one. */
const FLOOR_SPAN_MS = 10_000;

/** So often the way is left empty for a moment, and its round trip measured. */
const BREATH_MS = 3000;

/** Such a breath costs a round trip: it takes no more than this part of the time. */
const BREATH_PART = 1 / 40;

/** Frames in a row that nothing held up after which the way is not full: its round trip needs no breath. */
const FREE_FRAMES = 8;

/** A frame of fewer bytes than this part of a usual one says nothing about the way. */
const LEAST_PART = 1 / 4;

/** Frames in a row that found the way idle before the next leave too early, to see what it carries. */
const ALONE_FRAMES = 4;

/** That much too early, in parts of a service. */
const PROBE_PART = 1 / 2;

/**
 * When a sender may give a broker its next frame, where the broker confirms each. As the `Window` of a viewer it reckons from
 * what was confirmed when the way is free, and lets the next one go right then: what has no place on the way waits in the sender's
 * slot, where newer ones replace it, and not in a socket.
 */
export class HopWindow {
  readonly #onWay: { readonly sentAtMs: number; readonly bytes: number }[] = [];
  readonly #floor = new Floor(FLOOR_SPAN_MS);
  readonly #service = new Service();
  #meanBytes = 0;
  #bytes = 0;
  #probedAtMs = Number.NEGATIVE_INFINITY;
  #heldUp = false;
  #free = 0;

  /** How long to wait from `nowMs` before a frame may go: 0 for now; infinite where only a confirmation can say. */
  waitMs(nowMs: number): number {
    const waitMs = this.#openMs(nowMs) - nowMs;
    if (waitMs <= 0) return 0;
    this.#heldUp = true;
    return waitMs;
  }

  /** Frames that may be on the way, by Little's law: what a round trip and one frame hold. */
  get frames(): number {
    const { ms } = this.#service;
    if (ms === undefined) return 1;
    return Math.min(MAX_FRAMES, Math.floor((this.#tripMs + ms + OVERLAP_MS) / ms) + 1);
  }

  /** Whether the way is empty and its round trip is not known of late: a bare question should go first. */
  shouldProbe(nowMs: number): boolean {
    return this.#onWay.length === 0 && this.#isStale(nowMs);
  }

  /** A bare question took so long. */
  probed(tripMs: number, nowMs: number): void {
    this.#probedAtMs = nowMs;
    this.#floor.add(tripMs, nowMs);
  }

  /** The least round trip of late; infinite before the first. */
  get tripMs(): number {
    return this.#floor.value;
  }

  /** Bytes that left and are not confirmed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A frame leaves. */
  sent(bytes: number, nowMs: number): void {
    this.#free = this.#heldUp ? 0 : this.#free + 1;
    this.#heldUp = false;
    this.#onWay.push({ sentAtMs: nowMs, bytes });
    this.#bytes += bytes;
    this.#meanBytes += (bytes - this.#meanBytes) / (this.#meanBytes === 0 ? 1 : 8);
  }

  /** The oldest is confirmed. */
  confirmed(nowMs: number): void {
    const oldest = this.#onWay.shift();
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    this.#floor.add(nowMs - oldest.sentAtMs, nowMs);
    const part = oldest.bytes / this.#meanBytes;
    if (part >= LEAST_PART) this.#service.add(oldest.sentAtMs + this.#tripMs, part, nowMs);
    else this.#service.pass(nowMs);
  }

  /** Another connection: nothing is on the way. */
  clear(): void {
    this.#onWay.length = 0;
    this.#bytes = 0;
    this.#service.clear();
    this.#floor.clear();
    this.#probedAtMs = Number.NEGATIVE_INFINITY;
  }

  get #tripMs(): number {
    return Number.isFinite(this.tripMs) ? this.tripMs : 0;
  }

  #openMs(nowMs: number): number {
    if (this.#onWay.length === 0) return nowMs;
    const isFull = this.#bytes >= MAX_BYTES || this.#onWay.length >= this.frames;
    const breathes = this.#free < FREE_FRAMES && this.#isStale(nowMs);
    if (isFull || breathes) return Number.POSITIVE_INFINITY;
    const probeMs = this.#service.alone > ALONE_FRAMES ? PROBE_PART * (this.#service.ms ?? 0) : 0;
    return this.#servedMs() - this.#tripMs - OVERLAP_MS - probeMs;
  }

  #isStale(nowMs: number): boolean {
    return nowMs - this.#probedAtMs > Math.max(BREATH_MS, this.#tripMs / BREATH_PART);
  }

  /** When all that is on the way will have been confirmed. */
  #servedMs(): number {
    let atMs = this.#service.freeMs;
    for (const { sentAtMs, bytes } of this.#onWay) {
      const serviceMs = ((this.#service.ms ?? 0) * bytes) / this.#meanBytes;
      atMs = Math.max(atMs, sentAtMs + this.#tripMs) + serviceMs;
    }
    return atMs;
  }
}
