import { ProtocolError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";

/** Bytes of the length in front of each packet on a stream. */
export const LENGTH_BYTES = 4;

/** `body` as a packet: its length as u32, big-endian, then itself. */
export function join(body: Uint8Array): Uint8Array {
  const packet = new Uint8Array(LENGTH_BYTES + body.byteLength);
  new DataView(packet.buffer).setUint32(0, body.byteLength);
  packet.set(body, LENGTH_BYTES);
  return packet;
}

/**
 * Cuts a byte stream back into packet bodies. It owns no socket: feed it chunks of any size.
 * Each body is an array of its own, so a frame that is kept holds no other's memory.
 */
export class Splitter {
  readonly #maxBytes: number;
  readonly #roomBytes: number;
  readonly #allocate: (bytes: number) => Uint8Array;
  readonly #prefix = new Uint8Array(LENGTH_BYTES);
  #prefixBytes = 0;
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  /**
   * `maxBytes` bounds one body; `roomBytes` are left free in front of each, in the same memory. `allocate` makes that memory,
   * which need not be empty.
   */
  constructor(
    options: {
      readonly maxBytes?: number;
      readonly roomBytes?: number;
      readonly allocate?: (bytes: number) => Uint8Array;
    } = {},
  ) {
    this.#maxBytes = options.maxBytes ?? MAX_FRAME_BYTES;
    this.#roomBytes = options.roomBytes ?? 0;
    this.#allocate = options.allocate ?? ((bytes) => new Uint8Array(bytes));
  }

  /** Bytes held of a packet that is not complete yet. */
  get heldBytes(): number {
    return this.#body === undefined ? this.#prefixBytes : LENGTH_BYTES + this.#bodyBytes;
  }

  /**
   * Where the next bytes belong, as far as they are of the body that is not complete: whoever reads them straight into this says
   * so with {@link took}. `undefined` in front of a body.
   */
  get rest(): Uint8Array | undefined {
    return this.#body?.subarray(this.#bodyBytes);
  }

  /** The first `length` bytes of {@link rest} have come. The body, if that completes it. */
  took(length: number): Uint8Array | undefined {
    this.#bodyBytes += length;
    return this.#completed();
  }

  /**
   * The packet bodies completed by `chunk`, oldest first. Often none.
   * @throws ProtocolError `HW_TOO_LARGE`, `HW_MALFORMED` for an empty packet
   */
  push(chunk: Uint8Array): Uint8Array[] {
    const bodies: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.byteLength) {
      if (this.#body === undefined) {
        at = this.#readPrefix(chunk, at);
      } else {
        at = this.#readBody(this.#body, chunk, at);
        const body = this.#completed();
        if (body !== undefined) bodies.push(body);
      }
    }
    return bodies;
  }

  #readPrefix(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.byteLength, at + LENGTH_BYTES - this.#prefixBytes);
    this.#prefix.set(chunk.subarray(at, end), this.#prefixBytes);
    this.#prefixBytes += end - at;
    if (this.#prefixBytes === LENGTH_BYTES) {
      this.#prefixBytes = 0;
      const length = new DataView(this.#prefix.buffer).getUint32(0);
      // Refuse on the prefix alone: waiting for the body would be buffering it.
      if (length > this.#maxBytes) {
        throw new ProtocolError(
          "HW_TOO_LARGE",
          `a packet of ${length} bytes is over the ${this.#maxBytes} allowed`,
        );
      }
      if (length === 0) throw new ProtocolError("HW_MALFORMED", "a packet of 0 bytes has no kind");
      this.#body = this.#allocate(this.#roomBytes + length).subarray(this.#roomBytes);
      this.#bodyBytes = 0;
    }
    return end;
  }

  #readBody(body: Uint8Array, chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.byteLength, at + body.byteLength - this.#bodyBytes);
    body.set(chunk.subarray(at, end), this.#bodyBytes);
    this.#bodyBytes += end - at;
    return end;
  }

  #completed(): Uint8Array | undefined {
    const body = this.#body;
    if (body === undefined || this.#bodyBytes < body.byteLength) return undefined;
    this.#body = undefined;
    return body;
  }
}
