import { Frame } from "../protocol/index.ts";
import { headerBytes, Opcode, writeHeader } from "./message-header.ts";

/** A frame in the form in which some kind of reader takes it, made once and shared by all of them. */
export class FrameBytes {
  readonly #made = new WeakMap<Frame.Frame, Buffer>();
  readonly #make: (frame: Frame.Frame) => Buffer;
  // The frame that was asked for last: nearly always the next one asked for.
  #last: Frame.Frame | undefined;
  #lastBytes: Buffer | undefined;

  /** `make` is called once per frame. */
  constructor(make: (frame: Frame.Frame) => Buffer) {
    this.#make = make;
  }

  /** The frame's bytes. Never write to them. */
  of(frame: Frame.Frame): Buffer {
    if (this.#last === frame && this.#lastBytes !== undefined) return this.#lastBytes;
    let bytes = this.#made.get(frame);
    if (bytes === undefined) {
      bytes = this.#make(frame);
      this.#made.set(frame, bytes);
    }
    this.#last = frame;
    this.#lastBytes = bytes;
    return bytes;
  }
}

/**
 * A binary WebSocket message of the full protocol: WebSocket header, envelope, payload. Made in the frame's own
 * memory where there is room in front of the payload, which saves a copy and half of the garbage.
 */
export function fullMessage(frame: Frame.Frame): Buffer {
  const { payload, roomBytes = 0 } = frame;
  const bodyBytes = Frame.HEADER_BYTES + payload.byteLength;
  const headBytes = headerBytes(bodyBytes) + Frame.HEADER_BYTES;
  const bytes = roomBytes >= headBytes ? inPlace(payload, headBytes) : copied(payload, headBytes);
  writeHeader(bytes, Opcode.BINARY, bodyBytes);
  Frame.writeHeader(frame, bytes, headBytes - Frame.HEADER_BYTES);
  return bytes;
}

/** A binary WebSocket message of the simple protocol: WebSocket header, payload. */
export function simpleMessage(frame: Frame.Frame): Buffer {
  const bytes = copied(frame.payload, headerBytes(frame.payload.byteLength));
  writeHeader(bytes, Opcode.BINARY, frame.payload.byteLength);
  return bytes;
}

/** `payload` and the `headBytes` in front of it. */
function inPlace(payload: Uint8Array, headBytes: number): Buffer {
  return Buffer.from(payload.buffer, payload.byteOffset - headBytes, headBytes + payload.byteLength);
}

/** `payload` behind `headBytes`, in memory of its own: a viewer that stalls must hold no other frame alive. */
function copied(payload: Uint8Array, headBytes: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(headBytes + payload.byteLength);
  bytes.set(payload, headBytes);
  return bytes;
}
