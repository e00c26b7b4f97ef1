import { RateSchedule, type RateStep } from "./rate-schedule.ts";

/** Bytes that leave as one: a full Ethernet packet. */
export const PACKET_BYTES = 1500;

/** One direction of a link. */
export interface Conditions {
  readonly rate: readonly RateStep[];
  /** From leaving to arriving. */
  readonly delayMs: number;
  /** What the delay of a packet may be longer, at random. The order is kept. */
  readonly jitterMs: number;
  /** Bytes that may wait to leave. */
  readonly queueBytes: number;
}

/** Bytes that have arrived, and whose they are. */
export interface Arrival<Owner> {
  readonly owner: Owner;
  /** Empty: the owner's end. */
  readonly bytes: Uint8Array;
}

interface Packet<Owner> extends Arrival<Owner> {
  readonly leavesMs: number;
  readonly arrivesMs: number;
}

/**
 * One direction of a link, as arithmetic: what is put in comes out at its time. A packet leaves when those before it
 * have left and the rate allows it, and arrives one delay later. All who share the link share the queue. It owns no
 * clock: times are ms since the start of the link, and never go back.
 */
export class Bottleneck<Owner> {
  readonly #conditions: Conditions;
  #rate: RateSchedule;
  readonly #random: () => number;
  #packets: Packet<Owner>[] = [];
  // Packets before this one have arrived, before that one have left.
  #arrived = 0;
  #left = 0;
  #queuedBytes = 0;
  #lastLeavesMs = 0;
  #lastArrivesMs = 0;

  /** `random`: 0 to below 1, for the jitter. */
  constructor(conditions: Conditions, random: () => number) {
    this.#conditions = conditions;
    this.#rate = new RateSchedule(conditions.rate);
    this.#random = random;
  }

  /** Another rate for what is put in from now on. */
  reschedule(rate: readonly RateStep[]): void {
    this.#rate = new RateSchedule(rate);
  }

  /** Bytes that may be put in at `nowMs`; 0 while the queue is full. */
  roomBytes(nowMs: number): number {
    this.#leave(nowMs);
    return Math.max(0, this.#conditions.queueBytes - this.#queuedBytes);
  }

  /** When something arrives or leaves next; `undefined` while it is empty, Infinity while nothing ever will. */
  get nextMs(): number | undefined {
    const arrives = this.#packets[this.#arrived]?.arrivesMs;
    const leaves = this.#packets[this.#left]?.leavesMs;
    return arrives === undefined ? undefined : Math.min(arrives, leaves ?? arrives);
  }

  /** Put bytes in; empty ones are the owner's end. They are kept as they are: do not write to them any more. */
  push(owner: Owner, bytes: Uint8Array, nowMs: number): void {
    this.#leave(nowMs);
    const unlimited = this.#rate.at(nowMs) === Number.POSITIVE_INFINITY;
    const step = unlimited ? Math.max(1, bytes.byteLength) : PACKET_BYTES;
    for (let at = 0; at === 0 || at < bytes.byteLength; at += step) {
      const packet = bytes.subarray(at, at + step);
      const leavesMs = this.#rate.finishMs(Math.max(nowMs, this.#lastLeavesMs), packet.byteLength);
      const { delayMs, jitterMs } = this.#conditions;
      const arrivesMs = Math.max(this.#lastArrivesMs, leavesMs + delayMs + jitterMs * this.#random());
      this.#lastLeavesMs = leavesMs;
      this.#lastArrivesMs = arrivesMs;
      this.#queuedBytes += packet.byteLength;
      this.#packets.push({ owner, bytes: packet, leavesMs, arrivesMs });
    }
    this.#leave(nowMs);
  }

  /** What has arrived by `nowMs` and was not taken yet, oldest first. */
  take(nowMs: number): readonly Arrival<Owner>[] {
    this.#leave(nowMs);
    const from = this.#arrived;
    while ((this.#packets[this.#arrived]?.arrivesMs ?? Number.POSITIVE_INFINITY) <= nowMs) this.#arrived++;
    const arrivals = this.#packets.slice(from, this.#arrived);
    this.#compact();
    return arrivals;
  }

  #leave(nowMs: number): void {
    for (;;) {
      const packet = this.#packets[this.#left];
      if (packet === undefined || packet.leavesMs > nowMs) return;
      this.#queuedBytes -= packet.bytes.byteLength;
      this.#left++;
    }
  }

  #compact(): void {
    if (this.#arrived < 1024 && this.#arrived < this.#packets.length) return;
    this.#packets = this.#packets.slice(this.#arrived);
    this.#left -= this.#arrived;
    this.#arrived = 0;
  }
}
