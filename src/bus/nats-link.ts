import { readFileSync } from "node:fs";
import {
  type ConnectionOptions,
  connect,
  createInbox,
  credsAuthenticator,
  errors,
  type Msg,
  type NatsConnection,
  nkeyAuthenticator,
} from "@nats-io/transport-node";
import { Backoff, HopWindow } from "../flow/index.ts";
import { formatNatsAddress, type NatsAddress } from "./nats-address.ts";
import { isFatal, NatsError, sentence } from "./nats-error.ts";
import { inboxPrefix } from "./nats-subjects.ts";

/** Milliseconds that a server has to answer a connection, with TLS and all. */
const CONNECT_TIMEOUT_MS = 2000;

/** Milliseconds after which a connection that neither confirms nor brings anything is given up: another server may be there. */
const STALE_MS = 2000;

/** Bytes that any way carries in a millisecond (1 Mbit/s): a long frame has longer to be confirmed. */
const LEAST_BYTES_PER_MS = 125;

/** How often the way is looked at, in ms. */
const WATCH_EVERY_MS = 500;

/** Delays between rounds through all servers. */
const RECONNECT = { firstMs: 100, maxMs: 2000 } as const;

/** Connections in a row that a server may reset before the reset is the reason. */
const MAX_RESETS = 10;

/** Servers that are remembered; a cluster says of itself who belongs to it. */
const MAX_POOL = 256;

/** What a {@link NatsLink} tells. */
export interface NatsLinkEvents {
  /** NATS is there, for the first time or again: nothing is subscribed. */
  connected(): void;
  /** NATS is not there, and why. Called once per loss, not per attempt. */
  lost(reason: string): void;
  /** Frames may be sent again. */
  drained(): void;
  /** NATS does not let this user do something. One sentence. */
  forbidden(subject: string, reason: string): void;
}

/** What came on a subject. `reply` is where an answer goes. */
export type NatsTaker = (data: Uint8Array, subject: string, reply: string | undefined) => void;

/**
 * The connection to NATS, and the only file that knows its client library. It connects by itself, again and again, to
 * whichever server answers. The library queues whatever it is given, so frames are given to it only while the server
 * confirms that it has read those before.
 */
export class NatsLink {
  readonly #address: NatsAddress;
  readonly #role: "recorder" | "server";
  readonly #events: NatsLinkEvents;
  readonly #window = new HopWindow();
  readonly #backoff = new Backoff(RECONNECT);
  readonly #pool: Set<string>;
  readonly #watch: NodeJS.Timeout;
  #connection: NatsConnection | undefined;
  #untried: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #lostReason: string | undefined;
  #askedAtMs: number | undefined;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #opening: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * Connect. Resolves when NATS is there, or cannot be reached for now: then it is tried again until it can.
   * @throws NatsError if it refuses, which no second attempt would change
   */
  static async open(
    address: NatsAddress,
    role: "recorder" | "server",
    events: NatsLinkEvents,
  ): Promise<NatsLink> {
    const link = new NatsLink(address, role, events);
    const error = await link.#round();
    if (error !== undefined) {
      if (isFatal(error)) {
        await link.close();
        throw new NatsError(sentence(error, formatNatsAddress(address)));
      }
      link.#retry(error);
    }
    return link;
  }

  private constructor(address: NatsAddress, role: "recorder" | "server", events: NatsLinkEvents) {
    this.#address = address;
    this.#role = role;
    this.#events = events;
    this.#pool = new Set(address.servers);
    this.#watch = setInterval(() => this.#look(), WATCH_EVERY_MS);
  }

  /** Whether NATS is there. */
  get connected(): boolean {
    return this.#connection !== undefined;
  }

  /** Whether a frame can be sent now. If not, `drained` is told when one can. */
  get ready(): boolean {
    if (this.#connection === undefined) return false;
    const waitMs = this.#window.waitMs(performance.now());
    if (waitMs > 0 && Number.isFinite(waitMs)) {
      this.#opening ??= setTimeout(() => {
        this.#opening = undefined;
        this.#events.drained();
      }, waitMs);
    }
    return waitMs === 0;
  }

  /** The shortest round trip to the server of late, in ms; infinite while it is not known. */
  get tripMs(): number {
    return this.#window.tripMs;
  }

  /** Measure the round trip, now that nothing is on its way. */
  probe(): void {
    if (this.#connection !== undefined) this.#probe(this.#connection);
  }

  /** Bytes that one message may have. */
  get maxMessageBytes(): number {
    return this.#connection?.info?.max_payload ?? 0;
  }

  /** Send a message now; lost while NATS is not there. */
  tell(subject: string, data: Uint8Array, reply?: string): void {
    this.#connection?.publish(subject, data, reply === undefined ? {} : { reply });
  }

  /** Send a frame, in as many messages as it has. To be called while {@link ready}. */
  send(subject: string, messages: readonly Uint8Array[]): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#window.shouldProbe(performance.now())) this.#probe(connection);
    let bytes = 0;
    for (const message of messages) {
      connection.publish(subject, message);
      bytes += message.byteLength;
    }
    this.#window.sent(bytes, performance.now());
    this.#confirmed(connection, () => {
      this.#window.confirmed(performance.now());
      this.#events.drained();
    });
  }

  /** Take what comes on a subject, until the answer is called or the connection ends; at most `max` messages. */
  subscribe(subject: string, take: NatsTaker, max?: number): () => void {
    const connection = this.#connection;
    if (connection === undefined) return () => {};
    const subscription = connection.subscribe(subject, {
      ...(max === undefined ? {} : { max }),
      callback: (error: Error | null, message: Msg) => {
        this.#heardAtMs = performance.now();
        if (error === null) take(message.data, message.subject, message.reply);
      },
    });
    return () => subscription.unsubscribe();
  }

  /**
   * Ask, and take every message of the answer until an empty one. `done` is called once: with whether it came.
   * The answer stops it.
   */
  collect(
    subject: string,
    question: Uint8Array,
    take: (data: Uint8Array) => void,
    done: (isComplete: boolean) => void,
    timeoutMs: number,
  ): () => void {
    let isDone = false;
    const end = (isComplete: boolean): void => {
      if (isDone) return;
      isDone = true;
      clearTimeout(timer);
      stop();
      done(isComplete);
    };
    const inbox = createInbox(inboxPrefix(this.#role));
    const timer = setTimeout(() => end(false), timeoutMs);
    // Nobody there: NATS answers with an empty message of its own.
    const stop = this.subscribe(inbox, (data) => (data.byteLength === 0 ? end(true) : take(data)));
    this.tell(subject, question, inbox);
    return () => {
      isDone = true;
      clearTimeout(timer);
      stop();
    };
  }

  /**
   * Ask, and get one answer.
   * @throws NatsError `nobody` if there is nobody to answer, `late` if none came in time
   */
  async request(subject: string, question: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const connection = this.#connection;
    if (connection === undefined) throw new NatsError("no connection to NATS", "late");
    try {
      const { data } = await connection.request(subject, question, { timeout: timeoutMs });
      return data;
    } catch (error) {
      const isNobody =
        error instanceof errors.NoRespondersError || causeOf(error) instanceof errors.NoRespondersError;
      throw isNobody
        ? new NatsError("nobody answers", "nobody")
        : new NatsError(error instanceof Error ? error.message : String(error), "late");
    }
  }

  /** Call `done` when NATS has sent everything that it had for this program at the time of the call. */
  settle(done: () => void): void {
    if (this.#connection !== undefined) this.#confirmed(this.#connection, done);
  }

  /** End the connection, after what was told has left. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    clearTimeout(this.#opening);
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection === undefined) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, WATCH_EVERY_MS).unref());
    await Promise.race([connection.flush().catch(() => {}), late]);
    await connection.close();
  }

  /** Try every server that is known, once; the error of the last one, or `undefined` if one is there. */
  async #round(): Promise<unknown> {
    if (this.#untried.length === 0) this.#untried = shuffled([...this.#pool]);
    let failure: unknown = new Error("no server is known");
    for (let server = this.#untried.shift(); server !== undefined; server = this.#untried.shift()) {
      try {
        const connection = await this.#dial(server);
        this.#backoff.reset();
        if (this.#closed) await connection.close();
        else this.#connected(connection);
        return undefined;
      } catch (error) {
        failure = error;
        // A second server of the cluster would say the same.
        if (isFatal(error)) this.#untried = [];
      }
      if (this.#closed) return undefined;
    }
    return failure;
  }

  /** A server that refuses a certificate ends the connection at once, and the reset may overtake the reason: ask again for it. */
  async #dial(server: string): Promise<NatsConnection> {
    for (let resets = 1; ; resets++) {
      try {
        return await connect(this.#options(server));
      } catch (error) {
        const isReset = (error as NodeJS.ErrnoException).code === "ECONNRESET";
        if (!this.#address.tls || !isReset || resets >= MAX_RESETS || this.#closed) throw error;
      }
    }
  }

  #options(server: string): ConnectionOptions {
    const { login, tls } = this.#address;
    const read = (file: string) => (): Uint8Array => readFileSync(file);
    const authenticator =
      login.credentials !== undefined
        ? credsAuthenticator(read(login.credentials))
        : login.nkey !== undefined
          ? nkeyAuthenticator(() => seed(read(login.nkey ?? "")()))
          : undefined;
    return {
      servers: [server],
      name: `hello-websocket ${this.#role}`,
      // One connection, one life: what is subscribed and who tries again is decided here, not in two places.
      reconnect: false,
      timeout: CONNECT_TIMEOUT_MS,
      inboxPrefix: inboxPrefix(this.#role),
      noAsyncTraces: true,
      ...(login.user === undefined ? {} : { user: login.user, pass: login.password ?? "" }),
      ...(login.token === undefined ? {} : { token: login.token }),
      ...(authenticator === undefined ? {} : { authenticator }),
      ...(tls
        ? {
            tls: {
              ...(login.ca === undefined ? {} : { caFile: login.ca }),
              ...(login.cert === undefined ? {} : { certFile: login.cert }),
              ...(login.key === undefined ? {} : { keyFile: login.key }),
            },
          }
        : {}),
    };
  }

  #connected(connection: NatsConnection): void {
    for (const url of connection.info?.connect_urls ?? []) {
      if (this.#pool.size < MAX_POOL) this.#pool.add(url);
    }
    this.#connection = connection;
    this.#lostReason = undefined;
    this.#window.clear();
    this.#askedAtMs = undefined;
    void this.#listen(connection);
    void connection.closed().then((error) => this.#ended(connection, error ?? undefined));
    this.#probe(connection);
    this.#events.connected();
  }

  async #listen(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (connection !== this.#connection) return;
      if (status.type === "error" && status.error instanceof errors.PermissionViolationError) {
        const { operation, subject } = status.error;
        const what = operation === "publish" ? "publish to" : "subscribe to";
        this.#events.forbidden(subject, `NATS does not let this user ${what} "${subject}"`);
      } else if (status.type === "ldm") {
        // It is going to stop: the others are there.
        this.#drop(connection);
      }
    }
  }

  #ended(connection: NatsConnection, error: Error | undefined): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#window.clear();
    this.#retry(error ?? new Error("the connection ended"), 0);
  }

  #retry(error: unknown, afterMs: number = this.#backoff.next()): void {
    if (this.#closed) return;
    const reason = sentence(error, formatNatsAddress(this.#address));
    if (this.#lostReason !== reason) {
      this.#lostReason = reason;
      this.#events.lost(reason);
    }
    this.#timer = setTimeout(() => {
      void this.#round().then((failure) => {
        if (failure !== undefined) this.#retry(failure);
      });
    }, afterMs);
  }

  #probe(connection: NatsConnection): void {
    const sentAtMs = performance.now();
    this.#window.probed(Number.POSITIVE_INFINITY, sentAtMs);
    this.#confirmed(connection, () => {
      const nowMs = performance.now();
      this.#window.probed(nowMs - sentAtMs, nowMs);
    });
  }

  /** Ask the server whether it has read all; `heard` is called when it says so, and never if it does not. */
  #confirmed(connection: NatsConnection, heard: () => void): void {
    this.#askedAtMs ??= performance.now();
    connection.flush().then(
      () => {
        if (connection !== this.#connection) return;
        this.#askedAtMs = undefined;
        heard();
      },
      () => {},
    );
  }

  /** A server that answers nothing is not there any more, whatever the socket believes. */
  #look(): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    const nowMs = performance.now();
    if (this.#askedAtMs === undefined) this.#confirmed(connection, () => {});
    else if (
      nowMs - Math.max(this.#askedAtMs, this.#heardAtMs) >
      STALE_MS + this.#window.bytes / LEAST_BYTES_PER_MS
    )
      this.#drop(connection);
  }

  #drop(connection: NatsConnection): void {
    // Not drained: the queue in front of a dead server is what is to be got rid of.
    void connection.close();
    this.#ended(connection, new Error("it does not answer"));
  }
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/** The seed in a file that may have comments and line ends around it. */
function seed(bytes: Uint8Array): Uint8Array {
  const found = /S[A-Z2-7]{50,}/.exec(new TextDecoder().decode(bytes))?.[0];
  if (found === undefined)
    throw new NatsError("the nkey file has no seed in it: expected a line that starts with SU", "fatal");
  return new TextEncoder().encode(found);
}

function shuffled(items: string[]): string[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1));
    [items[at], items[other]] = [items[other] as string, items[at] as string];
  }
  return items;
}
