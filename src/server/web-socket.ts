import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Allowance } from "../flow/index.ts";
import { Limits, ProtocolError } from "../protocol/index.ts";
import { type Handshake, handshake } from "./handshake.ts";
import { closeBody, message, Opcode } from "./message-header.ts";
import { FramingError, type MessageEvents, MessageReader } from "./message-reader.ts";
import { type LinkEvents, ViewerLink } from "./viewer-link.ts";

/** Milliseconds between two pings to every viewer. */
const PING_INTERVAL_MS = 20_000;

/** Pings without a sign of life after which a viewer has stalled. */
const MAX_MISSED_PINGS: number = Limits.RECEIVER_TIMEOUT_MS / PING_INTERVAL_MS;

/** Milliseconds in which a viewer that is closed may read why. */
const CLOSE_TIMEOUT_MS = 2000;

const PING = message(Opcode.PING, Buffer.alloc(0));

/** What comes from a viewer. Whatever a handler throws closes the connection; a {@link ProtocolError} says how. */
export interface ViewerEvents {
  text(message: string): void;
  /** The message is `bytes[start..start + length)`, good until the call returns. */
  binary(bytes: Buffer, start: number, length: number): void;
  /** There is room to send again. */
  drained(): void;
  /** The connection ended. Called once. */
  closed(): void;
}

/** One WebSocket to a viewer (RFC 6455). Messages go to its TCP connection whole and ready. */
export class ViewerSocket implements MessageEvents, LinkEvents {
  readonly #link: ViewerLink;
  readonly #reader = new MessageReader(this);
  /** One for everything that comes, whatever it says: there is nothing that costs a server nothing. */
  #allowance = new Allowance(Limits.MESSAGE_BURST, Limits.MESSAGES_PER_SECOND);
  readonly #ended: (socket: ViewerSocket) => void;
  #events: ViewerEvents | undefined;
  #left: () => void = () => {};
  #open = true;
  /** When the last bytes came: all messages in them have come at that time. */
  #readAtMs = 0;
  #lastFrameBytes = 0;
  #missedPings = 0;
  /** The answer to the viewer's last ping, while what was sent before waits here. */
  #pong: Buffer | undefined;
  #lateBytes = 0;
  #cut: NodeJS.Timeout | undefined;

  /** Answers the handshake on `tcp` with `response`. `ended` is called once, when the connection has. */
  constructor(tcp: Duplex, response: string, ended: (socket: ViewerSocket) => void) {
    this.#ended = ended;
    this.#link = new ViewerLink(tcp, response, this);
  }

  /** Whether the last frame has left this process's memory. */
  get ready(): boolean {
    return this.#link.unsentBytes <= Limits.MAX_UNSENT_BYTES;
  }

  /** Hear the viewer. Called once, before anything comes. `left` is called once, when it has gone. */
  listen(events: ViewerEvents, left: () => void = () => {}): void {
    this.#events = events;
    this.#left = left;
  }

  /** See {@link LinkEvents.bytes}. */
  bytes(chunk: Buffer, length: number): void {
    if (!this.#open) {
      this.#late(length);
      return;
    }
    // Whatever it says: on a slow link its pong waits behind frames, and it acknowledges each when that has come.
    this.#missedPings = 0;
    this.#readAtMs = performance.now();
    try {
      this.#reader.push(chunk, length);
    } catch (error) {
      if (error instanceof FramingError) this.#close(error.closeCode, error.message);
      else
        this.close(error instanceof ProtocolError ? error : new ProtocolError("HW_MALFORMED", String(error)));
    }
  }

  /** See {@link LinkEvents.drained}. */
  drained(): void {
    this.#answerPing();
    this.#events?.drained();
  }

  /** See {@link LinkEvents.closed}. */
  closed(): void {
    this.#open = false;
    clearTimeout(this.#cut);
    this.#ended(this);
    this.#left();
    this.#events?.closed();
  }

  /** See {@link MessageEvents.frame}. @throws ProtocolError `HW_FLOOD` */
  frame(): void {
    if (this.#allowance.take(this.#readAtMs)) return;
    throw new ProtocolError("HW_FLOOD", "messages come faster than the limit");
  }

  /** See {@link MessageEvents.text}. */
  text(text: string): void {
    if (this.#open) this.#events?.text(text);
  }

  /** See {@link MessageEvents.binary}. */
  binary(bytes: Buffer, start: number, length: number): void {
    if (this.#open) this.#events?.binary(bytes, start, length);
  }

  /**
   * See {@link MessageEvents.ping}. Of pings that come while nothing leaves the last one is answered, as RFC 6455 allows: a pong is so short
   * that its place in a queue costs hundreds of times its bytes.
   */
  ping(payload: Buffer): void {
    if (!this.#open) return;
    this.#pong = message(Opcode.PONG, payload);
    if (this.#link.unsentBytes === 0) this.#answerPing();
  }

  /** See {@link MessageEvents.closing}. */
  closing(code: number | undefined): void {
    this.#close(code, "");
  }

  /** Send a frame as a whole WebSocket message, header included. The viewer may send so many messages more for it. */
  write(bytes: Buffer, answers: number = Limits.MESSAGES_PER_FRAME): void {
    if (!this.#open) return;
    this.#allowance.earn(answers);
    // On a link that is always full nothing drains.
    this.#answerPing();
    this.#lastFrameBytes = bytes.byteLength;
    this.#link.write(bytes);
  }

  /** Send a whole text message, header included. A viewer that lets texts pile up is closed. */
  tell(bytes: Buffer): void {
    if (this.#open) this.#say(bytes);
  }

  /** Close: with the code of what the viewer did wrong, or because the server stops. */
  close(error?: ProtocolError): void {
    this.#close(error?.closeCode ?? 1001, error?.message ?? "the server stops");
    // A viewer that does not read never sees it, and its backlog would be held meanwhile.
    if (error?.code === "HW_STALLED") this.#link.destroy();
  }

  /** From now on it may say as much as a hub may, which asks on behalf of all its own receivers. */
  speaksForMany(): void {
    const messages = Limits.MAX_WATCHES * Limits.HUB_MESSAGES_PER_WATCH;
    this.#allowance = new Allowance(messages, messages);
  }

  /** Ask whether the viewer is there; close it if it has said nothing for long. */
  check(): void {
    if (!this.#open) return;
    if (this.#missedPings >= MAX_MISSED_PINGS) {
      const reason = `the viewer has said nothing for ${Limits.RECEIVER_TIMEOUT_MS / 1000} s`;
      this.close(new ProtocolError("HW_STALLED", reason));
      return;
    }
    this.#missedPings++;
    // Behind what waits here a ping asks nothing that an acknowledgement does not answer; and for one who speaks and never reads they would pile up.
    if (this.#link.unsentBytes === 0) this.#link.write(PING);
  }

  /** End at once. */
  terminate(): void {
    this.#link.destroy();
  }

  #answerPing(): void {
    if (this.#pong === undefined) return;
    this.#link.write(this.#pong);
    this.#pong = undefined;
  }

  /** Send what is no frame. A viewer that lets it pile up is closed. */
  #say(bytes: Buffer): void {
    if (this.#link.unsentBytes - this.#lastFrameBytes > Limits.MAX_BACKLOG_BYTES) {
      this.close(new ProtocolError("HW_STALLED", "the viewer does not read"));
    } else {
      this.#link.write(bytes);
    }
  }

  /**
   * The last message: what comes after it from the other side is not looked at. The other side is to end the connection; it may
   * also go on sending, or with what is on its way to it.
   */
  #close(code: number | undefined, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#link.write(message(Opcode.CLOSE, code === undefined ? Buffer.alloc(0) : closeBody(code, reason)));
    this.#link.end();
    this.#cut = setTimeout(() => this.#link.destroy(), CLOSE_TIMEOUT_MS).unref();
  }

  /** Bytes came behind the close: what was on its way, and the viewer's own close. More than that is not even read. */
  #late(length: number): void {
    this.#lateBytes += length;
    if (this.#lateBytes > Limits.MAX_LATE_BYTES) this.#link.stopReading();
  }
}

/** All WebSockets of a server: the handshake, one clock for all pings, and the end. */
export class ViewerSockets {
  readonly #sockets = new Set<ViewerSocket>();
  readonly #changed: () => void;
  readonly #timer: NodeJS.Timeout = setInterval(() => {
    for (const socket of this.#sockets) socket.check();
  }, PING_INTERVAL_MS);

  /** `changed` is called when there are more or fewer. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** How many viewers are connected. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Complete a handshake; the refusal if it cannot be. `opened` learns whether the full protocol was agreed. */
  upgrade(
    request: IncomingMessage,
    tcp: Duplex,
    head: Buffer,
    opened: (socket: ViewerSocket, full: boolean) => void,
  ): Extract<Handshake, { accepted: false }> | undefined {
    const answer = handshake(request);
    if (!answer.accepted) return answer;
    const socket = new ViewerSocket(tcp, answer.response, (ended) => {
      this.#sockets.delete(ended);
      this.#changed();
    });
    this.#sockets.add(socket);
    this.#changed();
    opened(socket, answer.full);
    socket.bytes(head, head.byteLength);
    return undefined;
  }

  /** Tell all viewers that the server stops; those that have not gone after `graceMs` are cut. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.close();
    const deadlineMs = performance.now() + graceMs;
    while (this.#sockets.size > 0 && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const socket of this.#sockets) socket.terminate();
  }
}
