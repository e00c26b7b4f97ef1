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
  /** What passes at once on a link that was idle long enough to save that up: a token bucket. */
  readonly bucketBytes?: number;
  /** How TCP does where the queue of the narrow place is short; without it nothing is ever lost. */
  readonly burst?: Burst;
  readonly seed?: number;
}

/** What becomes of a message that TCP sends on an idle link: all of it at once, into a queue that may be too short. */
export interface Burst {
  /** What the queue holds: the end of a longer message is lost. */
  readonly queueBytes: number;
  /** When TCP notices by itself; where something is sent behind it, it does at once. */
  readonly timeoutMs: number;
  /** What an idle connection takes longer for more than its first flight. */
  readonly restartMs: number;
}

/** What a message costs beside its payload: envelope, WebSocket, TCP and IP headers. */
const OVERHEAD_BYTES = 80;

/** What waits in the process of the server once its kernel is full: Node's high water mark. */
const PROCESS_BYTES = 16 * 1024;

/** What TCP sends at once on any connection: ten packets. */
const FIRST_FLIGHT_BYTES = 14_600;

interface Message {
  readonly bytes: number;
  /** `undefined`: there is more to come. */
  readonly arrive: (() => void) | undefined;
}

/** One TCP connection over a link: all keep their order, what does not fit yet waits in buffers. */
export class SimulatedLink {
  /** Called when the server may send again. */
  drained: () => void = () => undefined;
  readonly #time: SimulatedTime;
  readonly #plan: LinkPlan;
  readonly #random: () => number;
  readonly #queue: Message[] = [];
  #lost: Message | undefined;
  #savedBytes = 0;
  #idleSinceMs = 0;
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
    this.#queuedBytes += whole;
    this.#send({ bytes: whole, arrive });
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

  #send(message: Message): void {
    const { burst } = this.#plan;
    const idle = !this.#busy;
    const lostBytes = burst === undefined || !idle ? 0 : message.bytes - burst.queueBytes;
    if (lostBytes > 0 && burst !== undefined) {
      this.#queue.push({ bytes: burst.queueBytes, arrive: undefined });
      this.#recover();
      const lost = { bytes: lostBytes, arrive: message.arrive };
      this.#lost = lost;
      this.#time.after(burst.timeoutMs, () => {
        if (this.#lost !== lost) return;
        this.#recover();
        if (!this.#busy) this.#transfer(0);
      });
    } else {
      // What comes behind shows what is missing.
      this.#recover();
      this.#queue.push(message);
    }
    if (idle) this.#transfer(message.bytes > FIRST_FLIGHT_BYTES ? (burst?.restartMs ?? 0) : 0);
  }

  #recover(): void {
    if (this.#lost !== undefined) this.#queue.push(this.#lost);
    this.#lost = undefined;
  }

  #transfer(afterMs: number): void {
    const message = this.#queue.shift();
    if (message === undefined && this.#busy) this.#idleSinceMs = this.#time.nowMs;
    const wasBusy = this.#busy;
    this.#busy = message !== undefined;
    if (message === undefined) return;
    if (!wasBusy) this.#save();
    const freeBytes = Math.min(this.#savedBytes, message.bytes);
    this.#savedBytes -= freeBytes;
    this.#time.at(this.#sentAtMs(this.#time.nowMs + afterMs, (message.bytes - freeBytes) * 8), () => {
      const { latencyMs, jitterMs = 0 } = this.#plan;
      this.#lastDownMs = Math.max(this.#lastDownMs, this.#time.nowMs + latencyMs + jitterMs * this.#random());
      if (message.arrive !== undefined) this.#time.at(this.#lastDownMs, message.arrive);
      const wasReady = this.ready;
      this.#queuedBytes -= message.bytes;
      this.#transfer(0);
      if (!wasReady && this.ready) this.drained();
    });
  }

  // What the link could have carried while it was idle, as far as the bucket holds it.
  #save(): void {
    const { rates, bucketBytes = 0 } = this.#plan;
    const { nowMs } = this.#time;
    const perSecond = rates.findLast(({ fromMs }) => fromMs <= nowMs)?.bitsPerSecond ?? 0;
    const idleBytes = (perSecond * (nowMs - this.#idleSinceMs)) / 8_000;
    this.#savedBytes = Math.min(bucketBytes, this.#savedBytes + idleBytes);
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
