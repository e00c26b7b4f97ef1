import { connect, createServer, type Server, type Socket } from "node:net";
import { Bottleneck, type Conditions } from "./bottleneck.ts";
import type { RateStep } from "./rate-schedule.ts";

const LOOPBACK = "127.0.0.1";

/** What the link does, in each direction. */
export interface LinkConditions {
  /** From the server to its viewers. */
  readonly down: Conditions;
  /** From the viewers to the server. */
  readonly up: Conditions;
}

/** Bytes that have come out of a link. */
export interface Carried {
  readonly downBytes: number;
  readonly upBytes: number;
}

/** One end of a connection through the link: what is read there, and where it goes. */
interface End {
  readonly from: Socket;
  readonly to: Socket;
}

/** One direction of the link, with the sockets that it feeds. */
class Direction {
  readonly #rate: readonly RateStep[];
  readonly #line: Bottleneck<End>;
  readonly #now: () => number;
  readonly #waiting = new Set<End>();
  #timer: NodeJS.Timeout | undefined;
  #carriedBytes = 0;

  constructor(conditions: Conditions, now: () => number) {
    this.#rate = conditions.rate;
    this.#line = new Bottleneck({ ...conditions, rate: conditions.rate.slice(0, 1) }, Math.random);
    this.#now = now;
  }

  start(): void {
    const now = this.#now();
    this.#line.reschedule(this.#rate.map((step) => ({ ...step, fromMs: step.fromMs + now })));
    this.#turn();
  }

  get carriedBytes(): number {
    return this.#carriedBytes;
  }

  add(end: End): void {
    end.from.on("data", (bytes: Buffer) => this.#push(end, bytes));
    end.from.on("end", () => this.#push(end, new Uint8Array(0)));
    end.from.on("close", () => this.#waiting.delete(end));
    end.to.on("drain", () => this.#resume(end));
    this.#resume(end);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }

  #push(end: End, bytes: Uint8Array): void {
    const now = this.#now();
    this.#line.push(end, bytes, now);
    this.#resume(end);
    this.#turn();
  }

  // Reading on is what tells a sender to go on: not while the queue is full, nor while the receiver does not read.
  #resume(end: End): void {
    if (end.from.destroyed) return;
    if (end.to.writableNeedDrain || this.#line.roomBytes(this.#now()) === 0) {
      end.from.pause();
      this.#waiting.add(end);
    } else {
      this.#waiting.delete(end);
      end.from.resume();
    }
  }

  #turn(): void {
    clearTimeout(this.#timer);
    const touched = new Set<Socket>();
    for (const { owner, bytes } of this.#line.take(this.#now())) {
      if (owner.to.destroyed) continue;
      if (!touched.has(owner.to)) {
        owner.to.cork();
        touched.add(owner.to);
      }
      this.#carriedBytes += bytes.byteLength;
      if (bytes.byteLength === 0) owner.to.end();
      else owner.to.write(bytes);
    }
    for (const socket of touched) socket.uncork();
    for (const end of this.#waiting) this.#resume(end);
    const next = this.#line.nextMs;
    if (next === undefined || next === Number.POSITIVE_INFINITY) return;
    // Never early: a timer that fires within the millisecond before its time is set again.
    this.#timer = setTimeout(() => this.#turn(), Math.max(1, Math.ceil(next - this.#now())));
  }
}

/**
 * A link on loopback with a rate, a delay, jitter and a queue, for TCP. All connections through it share it, as the
 * connections of a household share theirs. A full queue stops reading, so what a sender writes beyond it waits in the
 * kernel's buffers on the sender's side, and then in the sender.
 *
 * What a proxy cannot do: the handshake is not delayed, nothing is lost, and the kernel buffers of the sender's
 * connection to the proxy, which Node cannot bound, stand in for those of a real path. A sender that writes as much as
 * the socket takes hides what they hold; one that waits for its receiver hides nothing there.
 */
export class LinkShaper implements AsyncDisposable {
  readonly #down: Direction;
  readonly #up: Direction;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();

  /** Until {@link start} it stays at the first step of its schedule. */
  constructor({ down, up }: LinkConditions) {
    const openedMs = performance.now();
    const now = (): number => performance.now() - openedMs;
    this.#down = new Direction(down, now);
    this.#up = new Direction(up, now);
  }

  /** What has come out so far. */
  get carried(): Carried {
    return { downBytes: this.#down.carriedBytes, upBytes: this.#up.carriedBytes };
  }

  /** Its schedule counts from now on. */
  start(): void {
    this.#down.start();
    this.#up.start();
  }

  /** A port of this machine behind which the server on `port` is reached through the link. */
  async forward(port: number): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (viewer) =>
      this.#join(viewer, port),
    );
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: LOOPBACK, port: 0 }, resolve);
    });
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("the link has no port");
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#down.close();
    this.#up.close();
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
  }

  #join(viewer: Socket, port: number): void {
    const server = connect({ host: LOOPBACK, port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [viewer, server],
      [server, viewer],
    ] as const) {
      this.#sockets.add(socket);
      // A connection that breaks, breaks on both sides: there is nobody to tell its data to.
      socket.on("error", () => other.resetAndDestroy());
      socket.on("close", () => this.#sockets.delete(socket));
    }
    this.#up.add({ from: viewer, to: server });
    this.#down.add({ from: server, to: viewer });
  }
}
