import { Frame } from "../protocol/index.ts";

/** A frame in the form in which some kind of reader takes it, made once and shared by all of them. */
export class FrameBytes {
  readonly #made = new WeakMap<Frame.Frame, Buffer>();
  readonly #make: (frame: Frame.Frame) => Buffer;

  /** `make` is called once per frame. */
  constructor(make: (frame: Frame.Frame) => Buffer) {
    this.#make = make;
  }

  /** The frame's bytes. Never write to them. */
  of(frame: Frame.Frame): Buffer {
    let bytes = this.#made.get(frame);
    if (bytes === undefined) {
      bytes = this.#make(frame);
      this.#made.set(frame, bytes);
    }
    return bytes;
  }
}

/** A binary WebSocket message of the full protocol: WebSocket header, envelope, payload. */
export function fullMessage(frame: Frame.Frame): Buffer {
  const { bytes, at } = binaryMessage(Frame.HEADER_BYTES + frame.payload.byteLength);
  Frame.writeHeader(frame, bytes, at);
  bytes.set(frame.payload, at + Frame.HEADER_BYTES);
  return bytes;
}

/** A binary WebSocket message of the simple protocol: WebSocket header, payload. */
export function simpleMessage(frame: Frame.Frame): Buffer {
  const { bytes, at } = binaryMessage(frame.payload.byteLength);
  bytes.set(frame.payload, at);
  return bytes;
}

/** Boundary between the parts of `stream.mjpg`. */
export const MJPEG_BOUNDARY = "hello-websocket-frame";

/**
 * One part of `multipart/x-mixed-replace` (the stream that mjpg-streamer made common). The boundary stands behind the
 * picture, not before it: a reader shows a part when it sees where it ends.
 */
export function mjpegPart(frame: Frame.Frame): Buffer {
  const head =
    `Content-Type: image/jpeg\r\nContent-Length: ${frame.payload.byteLength}\r\n` +
    `X-Timestamp: ${(frame.capturedAt / 1e6).toFixed(6)}\r\nX-Sequence: ${frame.sequence}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), frame.payload, Buffer.from(`\r\n--${MJPEG_BOUNDARY}\r\n`)]);
}

/**
 * Room for a whole binary message from a server (RFC 6455 section 5.2: FIN, opcode 2, no mask), its header written.
 * Such a message is the same for every viewer, so it is made once and written to each socket in one piece.
 */
function binaryMessage(payloadBytes: number): { bytes: Buffer; at: number } {
  const at = payloadBytes < 126 ? 2 : payloadBytes <= 0xffff ? 4 : 10;
  // Not from the shared pool: a viewer that stalls must hold its frame alive, not its neighbours'.
  const bytes = Buffer.allocUnsafeSlow(at + payloadBytes);
  bytes[0] = 0x82;
  if (at === 2) {
    bytes[1] = payloadBytes;
  } else if (at === 4) {
    bytes[1] = 126;
    bytes.writeUInt16BE(payloadBytes, 2);
  } else {
    bytes[1] = 127;
    bytes.writeUInt32BE(0, 2);
    bytes.writeUInt32BE(payloadBytes, 6);
  }
  return { bytes, at };
}
