import type { OnReadOpts, Socket } from "node:net";
import type { ReceiverOutlet } from "../hub/index.ts";
import { Ack, Control, Frame, Limits, Packets, ProtocolError } from "../protocol/index.ts";

/** Room left in front of what arrives: the longest header of a WebSocket message (RFC 6455 section 5.2, no mask). */
const ROOM_BYTES = 10;

/** First byte of a control message: `{`. */
const JSON_START = 0x7b;

/** Bytes read at once where no frame has begun. What is left of a frame is read into the frame's own memory. */
const INPUT_BYTES = 16 * 1024;

/** What all sockets are read into: their bytes are used up before the next are read. */
const INPUT = Buffer.allocUnsafeSlow(INPUT_BYTES);

/** What comes from the other side. Whatever a handler throws closes the connection; a {@link ProtocolError} says why. */
export interface PacketEvents extends Ack.Taker {
  control(message: Control.Control): void;
  frame(frame: Frame.Frame): void;
  /** There is room to send again. */
  drained(): void;
  /** The connection ended. Called once; `reason` is for people, `fault` says that the peer broke a rule. */
  closed(reason: string, fault: boolean): void;
}

/** One connection of the local socket: packets of the protocol in both directions. It owns the socket. */
export class PacketSocket implements ReceiverOutlet {
  /** Behind a local socket there is another hub. */
  readonly isLast = false;
  readonly #socket: Socket;
  readonly #events: PacketEvents;
  readonly #splitter = new Packets.Splitter({
    roomBytes: ROOM_BYTES,
    allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
  });
  /** Where the next bytes are read: the rest of a body; `undefined` while it is {@link INPUT}. */
  #rest: Uint8Array | undefined;
  #lastFrameBytes = 0;
  #reason: string | undefined;
  #fault = false;

  /** `open` makes the socket, or takes it over, so that it reads as it is told. */
  constructor(open: (reading: OnReadOpts) => Socket, events: PacketEvents) {
    this.#events = events;
    const socket = open({
      buffer: () => {
        this.#rest = this.#splitter.rest;
        return this.#rest ?? INPUT;
      },
      callback: (length) => {
        this.#read(length);
        return true;
      },
    });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("drain", () => events.drained());
    socket.on("error", (error: Error) => {
      this.#reason ??= error.message;
    });
    socket.on("end", () => socket.end());
    socket.on("close", () => events.closed(this.#reason ?? "the connection ended", this.#fault));
  }

  /** Whether the last frame has left this process's memory. */
  get ready(): boolean {
    return this.#socket.writableLength === 0 || !this.#socket.writableNeedDrain;
  }

  /** Send a frame now. */
  send(frame: Frame.Frame): void {
    if (!this.#socket.writable) return;
    const head = Buffer.allocUnsafe(Packets.LENGTH_BYTES + Frame.HEADER_BYTES);
    this.#lastFrameBytes = head.byteLength + frame.payload.byteLength;
    head.writeUInt32BE(this.#lastFrameBytes - Packets.LENGTH_BYTES, 0);
    Frame.writeHeader(frame, head, Packets.LENGTH_BYTES);
    this.#socket.cork();
    this.#socket.write(head);
    this.#socket.write(frame.payload);
    this.#socket.uncork();
  }

  /** Send a control message now. A peer that lets them pile up is closed. */
  tell(message: Control.Control): void {
    if (!this.#socket.writable) return;
    if (this.#socket.writableLength - this.#lastFrameBytes > Limits.MAX_BACKLOG_BYTES) {
      this.close(new ProtocolError("HW_STALLED", "the other side does not read"));
      return;
    }
    this.#socket.write(Packets.join(Buffer.from(Control.encode(message))));
  }

  /** Acknowledge a frame. */
  acknowledge(ack: Ack.Ack): void {
    if (this.#socket.writable) this.#socket.write(Packets.join(Ack.encode(ack)));
  }

  /** End the connection: the other side broke a rule, or this side stops. May be called twice. */
  close(error?: ProtocolError): void {
    if (this.#reason !== undefined) return;
    this.#reason = error?.message ?? "the other side stops";
    this.#fault = error !== undefined;
    const reason = this.#reason.slice(0, Limits.MAX_TEXT_CHARACTERS);
    const bye = Control.encode({ type: "bye", code: error?.code ?? "HW_CLOSING", reason });
    // A peer that does not read cannot be told; it must not be waited for either.
    this.#socket.write(Packets.join(Buffer.from(bye)), () => this.#socket.destroy());
    if (this.#socket.writableLength > Limits.MAX_BACKLOG_BYTES) this.#socket.destroy();
    else this.#socket.setTimeout(Limits.HELLO_TIMEOUT_MS, () => this.#socket.destroy());
  }

  #read(length: number): void {
    if (this.#reason !== undefined) return;
    try {
      if (this.#rest === undefined) {
        for (const body of this.#splitter.push(INPUT.subarray(0, length))) this.#dispatch(body);
      } else {
        const body = this.#splitter.took(length);
        if (body !== undefined) this.#dispatch(body);
      }
    } catch (error) {
      this.close(error instanceof ProtocolError ? error : new ProtocolError("HW_MALFORMED", String(error)));
    }
  }

  #dispatch(body: Uint8Array): void {
    const kind = body[0];
    if (kind === Frame.FRAME_KIND) {
      this.#events.frame(Frame.decode(body, ROOM_BYTES));
    } else if (kind === Ack.ACK_KIND) {
      Ack.read(body, 0, body.byteLength, this.#events);
    } else if (kind === JSON_START) {
      if (body.byteLength > Limits.MAX_CONTROL_BYTES) {
        throw new ProtocolError(
          "HW_TOO_LARGE",
          `a control message of ${body.byteLength} bytes is over the ${Limits.MAX_CONTROL_BYTES} allowed`,
        );
      }
      const message = Control.decode(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
      if (message.type === "bye") {
        this.#reason = message.reason;
        this.#socket.end();
      } else {
        this.#events.control(message);
      }
    } else {
      throw new ProtocolError("HW_MALFORMED", `a packet of kind ${kind} is not known`);
    }
  }
}
