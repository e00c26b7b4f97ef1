import { random, type SimulatedTime } from "./simulated-time.ts";

/** A link from the server to a viewer, and back. */
export interface LinkPlan {
  /** Bits per second downwards, as of each time in ms; the last holds for ever. 0 is a stall. */
  readonly rates: readonly { readonly fromMs: number; readonly bitsPerSecond: number }[];
  /** One way, without the transfer itself. */
  readonly latencyMs: number;
  /** Noise added to each message's way, 0 to this; order is kept. */
  readonly jitterMs?: number;
  /** Bytes that the server's kernel takes before it says that it is full, beside what travels. */
  readonly bufferBytes?: number;
  readonly seed?: number;
}

/** What a message costs beside its payload: envelope, WebSocket, TCP and IP headers. */
const OVERHEAD_BYTES = 80;

/** What waits in the process of the server once its kernel is full: Node's high water mark. */
const PROCESS_BYTES = 16 * 1024;

/** One TCP connection over a link: nothing is lost, all keep their order, what does not fit yet waits in buffers. */
export class SimulatedLink {
  /** Called when the server may send again. */
  drained: () => void = () => undefined;
  readonly #time: SimulatedTime;
  readonly #plan: LinkPlan;
  readonly #random: () => number;
  readonly #queue: { bytes: number; readonly arrive: () => void }[] = [];
  #queuedBytes = 0;
  #busy = false;
  #lastDownMs = 0;
  #lastUpMs = 0;

  constructor(time: SimulatedTime, plan: LinkPlan) {
    this.#time = time;
    this.#plan = plan;
    this.#random = random(plan.seed ?? 1);
  }

  get ready(): boolean {
    return this.#queuedBytes < this.#room;
  }

  /** Bytes that have not left the server's machine. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Send down; `arrive` is called at the other end. */
  down(bytes: number, arrive: () => void): void {
    const whole = bytes + OVERHEAD_BYTES;
    this.#queue.push({ bytes: whole, arrive });
    this.#queuedBytes += whole;
    if (!this.#busy) this.#transfer();
  }

  /** Send up: small messages on a link that is free in this direction. */
  up(arrive: () => void): void {
    const { latencyMs, jitterMs = 0 } = this.#plan;
    this.#lastUpMs = Math.max(this.#lastUpMs, this.#time.nowMs + latencyMs + jitterMs * this.#random());
    this.#time.at(this.#lastUpMs, arrive);
  }

  get #room(): number {
    return (this.#plan.bufferBytes ?? 2 ** 22) + PROCESS_BYTES;
  }

  #transfer(): void {
    const message = this.#queue.shift();
    this.#busy = message !== undefined;
    if (message === undefined) return;
    this.#time.at(this.#sentAtMs(this.#time.nowMs, message.bytes * 8), () => {
      const { latencyMs, jitterMs = 0 } = this.#plan;
      this.#lastDownMs = Math.max(this.#lastDownMs, this.#time.nowMs + latencyMs + jitterMs * this.#random());
      this.#time.at(this.#lastDownMs, message.arrive);
      const wasReady = this.ready;
      this.#queuedBytes -= message.bytes;
      this.#transfer();
      if (!wasReady && this.ready) this.drained();
    });
  }

  // When the last of `bits` has left, if the first leaves at `fromMs`.
  #sentAtMs(fromMs: number, bits: number): number {
    const { rates } = this.#plan;
    let atMs = fromMs;
    let left = bits;
    for (let part = 0; part < rates.length; part++) {
      const endMs = rates[part + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      if (endMs <= atMs) continue;
      const perMs = (rates[part]?.bitsPerSecond ?? 0) / 1000;
      const tookMs = perMs === 0 ? Number.POSITIVE_INFINITY : left / perMs;
      if (atMs + tookMs <= endMs) return atMs + tookMs;
      left -= (endMs - atMs) * perMs;
      atMs = endMs;
    }
    return Number.POSITIVE_INFINITY;
  }
}
