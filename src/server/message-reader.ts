import { isUtf8 } from "node:buffer";
import { Limits } from "../protocol/index.ts";
import { MAX_CONTROL_PAYLOAD_BYTES, Opcode } from "./message-header.ts";

/** What a client says. Bytes are those of the reader's input or its own memory: good until the call returns. */
export interface MessageEvents {
  /** A frame is whole: a message, a part of one, or a control message. What it says is told after that; who throws refuses it. */
  frame(): void;
  text(message: string): void;
  /** The message is `bytes[start..start + length)`. */
  binary(bytes: Buffer, start: number, length: number): void;
  ping(payload: Buffer): void;
  /** The client closes: the last that comes. `code` is `undefined` when the client gives none. */
  closing(code: number | undefined): void;
}

/** A client broke RFC 6455, or a limit. `closeCode` says how, in the words of its section 7.4.1. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  /** 1002 broken framing, 1007 text that is not UTF-8, 1009 too large. */
  readonly closeCode: number;

  constructor(closeCode: 1002 | 1007 | 1009, message: string) {
    super(message);
    this.closeCode = closeCode;
  }
}

const FIN = 0x80;
const RESERVED = 0x70;
const MASKED = 0x80;
/** FIN and opcode, the longest length, the mask. */
const MAX_HEADER_BYTES = 14;

/**
 * Cuts the byte stream of one WebSocket client into messages (RFC 6455 section 5). It owns no socket: feed it chunks of any size.
 * What is whole in a chunk is unmasked where it stands; memory is taken only for what is cut, and never more than one
 * message of `maxBytes` and one frame of it.
 */
export class MessageReader {
  readonly #events: MessageEvents;
  readonly #maxBytes: number;
  // The start of a frame whose end has not come.
  #held: Buffer | undefined;
  #heldBytes = 0;
  // The fragments of a message whose last one has not come, in memory for the largest: a fragment may be empty, and to copy what
  // is there for each would let 6 bytes cost as much as a whole message.
  #parts: Buffer | undefined;
  #partsBytes = 0;
  #partsOpcode = 0;
  #ended = false;

  /** `maxBytes` bounds one message, however many fragments it comes in. */
  constructor(events: MessageEvents, maxBytes: number = Limits.MAX_VIEWER_MESSAGE_BYTES) {
    this.#events = events;
    this.#maxBytes = maxBytes;
  }

  /** Bytes held of what is not complete yet. */
  get heldBytes(): number {
    return this.#heldBytes + this.#partsBytes;
  }

  /**
   * Take the first `length` bytes of `chunk`, which are overwritten. Nothing is taken behind a close message or an error.
   * @throws FramingError; and whatever a handler throws
   */
  push(chunk: Buffer, length: number): void {
    let at = 0;
    while (at < length && !this.#ended) {
      at =
        this.#held === undefined
          ? this.#readWhole(chunk, at, length)
          : this.#readCut(this.#held, chunk, at, length);
    }
  }

  /** Take a frame out of the chunk, or hold its start. */
  #readWhole(chunk: Buffer, at: number, length: number): number {
    const frameBytes = this.#frameBytes(chunk, at, length - at);
    if (length - at >= frameBytes) {
      this.#frame(chunk, at, frameBytes);
      return at + frameBytes;
    }
    this.#held = Buffer.allocUnsafeSlow(Math.max(frameBytes, MAX_HEADER_BYTES));
    this.#heldBytes = chunk.copy(this.#held, 0, at, length);
    return length;
  }

  /** Complete the frame that is held, as far as the chunk goes. */
  #readCut(held: Buffer, chunk: Buffer, at: number, length: number): number {
    const wanted = this.#frameBytes(held, 0, this.#heldBytes);
    if (wanted > held.byteLength) {
      this.#held = Buffer.allocUnsafeSlow(wanted);
      held.copy(this.#held, 0, 0, this.#heldBytes);
      return at;
    }
    const end = Math.min(length, at + wanted - this.#heldBytes);
    this.#heldBytes += chunk.copy(held, this.#heldBytes, at, end);
    if (this.#heldBytes < wanted || this.#frameBytes(held, 0, this.#heldBytes) > this.#heldBytes) return end;
    this.#held = undefined;
    this.#heldBytes = 0;
    this.#frame(held, 0, wanted);
    return end;
  }

  /**
   * Bytes of the frame at `at`, as far as `have` of them tell: of its header while that is cut, then of all. Refuses on the
   * header alone: waiting for the payload would be holding it.
   */
  #frameBytes(bytes: Buffer, at: number, have: number): number {
    if (have < 2) return 2;
    const first = bytes[at] ?? 0;
    const second = bytes[at + 1] ?? 0;
    const form = second & 0x7f;
    this.#check(first, second, form);
    const header = form < 126 ? 6 : form === 126 ? 8 : MAX_HEADER_BYTES;
    if (have < header) return header;
    let payload = form;
    if (form === 126) payload = bytes.readUInt16BE(at + 2);
    else if (form === 127) payload = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
    if (payload + this.#partsBytes > this.#maxBytes && (first & 0x08) === 0) {
      throw this.#error(1009, `a message is over the ${this.#maxBytes} bytes allowed`);
    }
    return header + payload;
  }

  #check(first: number, second: number, form: number): void {
    const opcode = first & 0x0f;
    if ((first & RESERVED) !== 0)
      throw this.#error(1002, "reserved bits are set, and no extension was agreed");
    if ((second & MASKED) === 0) throw this.#error(1002, "a client masks what it sends");
    if (opcode >= Opcode.CLOSE) {
      if (opcode > Opcode.PONG) throw this.#error(1002, `opcode ${opcode} is not known`);
      if ((first & FIN) === 0) throw this.#error(1002, "a control message is never cut into fragments");
      if (form > MAX_CONTROL_PAYLOAD_BYTES) {
        throw this.#error(1002, `a control message has at most ${MAX_CONTROL_PAYLOAD_BYTES} bytes`);
      }
    } else if (opcode > Opcode.BINARY) {
      throw this.#error(1002, `opcode ${opcode} is not known`);
    } else if ((opcode === Opcode.CONTINUATION) !== (this.#parts !== undefined)) {
      throw this.#error(
        1002,
        opcode === 0 ? "there is nothing to continue" : "a message began within another",
      );
    }
  }

  /** One whole frame of `frameBytes` at `at`. */
  #frame(bytes: Buffer, at: number, frameBytes: number): void {
    this.#events.frame();
    const first = bytes[at] ?? 0;
    const form = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (form < 126 ? 6 : form === 126 ? 8 : MAX_HEADER_BYTES);
    const length = at + frameBytes - start;
    for (let i = 0; i < length; i++)
      bytes[start + i] = (bytes[start + i] ?? 0) ^ (bytes[start - 4 + (i & 3)] ?? 0);
    const opcode = first & 0x0f;
    if (opcode >= Opcode.CLOSE) {
      this.#control(opcode, bytes.subarray(start, start + length));
    } else if (this.#parts === undefined && (first & FIN) !== 0) {
      this.#message(opcode, bytes, start, length);
    } else {
      this.#fragment(opcode, bytes, start, length, (first & FIN) !== 0);
    }
  }

  #fragment(opcode: number, bytes: Buffer, start: number, length: number, isLast: boolean): void {
    if (this.#parts === undefined) {
      this.#parts = Buffer.allocUnsafeSlow(this.#maxBytes);
      this.#partsOpcode = opcode;
    }
    const parts = this.#parts;
    this.#partsBytes += bytes.copy(parts, this.#partsBytes, start, start + length);
    if (!isLast) return;
    const wholeBytes = this.#partsBytes;
    this.#parts = undefined;
    this.#partsBytes = 0;
    this.#message(this.#partsOpcode, parts, 0, wholeBytes);
  }

  #message(opcode: number, bytes: Buffer, start: number, length: number): void {
    if (opcode === Opcode.BINARY) {
      this.#events.binary(bytes, start, length);
    } else {
      const text = bytes.subarray(start, start + length);
      if (!isUtf8(text)) throw this.#error(1007, "a text is not UTF-8");
      this.#events.text(text.toString());
    }
  }

  /** A pong says that the client is there, as all that comes does. */
  #control(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.PING) {
      this.#events.ping(payload);
    } else if (opcode === Opcode.CLOSE) {
      this.#ended = true;
      const code =
        payload.byteLength === 0 ? undefined : payload.byteLength === 1 ? 0 : payload.readUInt16BE(0);
      if (code !== undefined && !mayBeSent(code)) throw this.#error(1002, `${code} is no close code`);
      if (!isUtf8(payload.subarray(2))) throw this.#error(1007, "a close reason is not UTF-8");
      this.#events.closing(code);
    }
  }

  #error(closeCode: 1002 | 1007 | 1009, message: string): FramingError {
    this.#ended = true;
    return new FramingError(closeCode, message);
  }
}

/** Whether a close message may carry `code`: 1004 to 1006 and 1015 never travel (RFC 6455 section 7.4). */
function mayBeSent(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}
