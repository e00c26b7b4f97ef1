import { Frame, Limits, ProtocolError } from "../protocol/index.ts";

/** First byte of a part of a frame; a whole frame starts with `Frame.FRAME_KIND`. */
const PART_KIND = 0x03;

/** Bytes in front of the bytes of a part. */
const PART_HEADER_BYTES = 16;

/** Room left in front of what is put together: the longest header of a WebSocket message (RFC 6455 section 5.2, no mask). */
const ROOM_BYTES = 10;

// | kind u8 = 3 | 0 u8 | track u16 | sequence u32 | total u32 | offset u32 | bytes ... |   big-endian
// The bytes of all parts, in their order, are the frame as it travels whole: `total` bytes.

/** A frame as one message, or as several where it is longer than `maxBytes`. */
export function split(frame: Frame.Frame, maxBytes: number): readonly Uint8Array[] {
  const whole = Frame.encode(frame);
  if (whole.byteLength <= maxBytes) return [whole];
  const room = maxBytes - PART_HEADER_BYTES;
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < whole.byteLength; offset += room) {
    const bytes = whole.subarray(offset, offset + room);
    const part = new Uint8Array(PART_HEADER_BYTES + bytes.byteLength);
    const view = new DataView(part.buffer);
    view.setUint8(0, PART_KIND);
    view.setUint16(2, frame.track);
    view.setUint32(4, frame.sequence);
    view.setUint32(8, whole.byteLength);
    view.setUint32(12, offset);
    part.set(bytes, PART_HEADER_BYTES);
    parts.push(part);
  }
  return parts;
}

/** Puts frames together again. It holds one at most: a part of another frame, or one out of order, ends what was begun. */
export class Joiner {
  #frame: Uint8Array | undefined;
  #track = 0;
  #sequence = 0;
  #bytes = 0;
  #parts = 0;

  /** Messages that the last frame came in. */
  messages = 1;

  /**
   * The frame that `message` completes; `undefined` if it completes none. Each is in memory of its own, with room in front.
   * @throws ProtocolError for what is no message of {@link split}
   */
  push(message: Uint8Array): Frame.Frame | undefined {
    if (message[0] !== PART_KIND) {
      this.clear();
      this.messages = 1;
      return Frame.decode(own(message), ROOM_BYTES);
    }
    if (message.byteLength <= PART_HEADER_BYTES) {
      throw new ProtocolError("HW_MALFORMED", "a part of a frame has 16 bytes of header and more behind");
    }
    const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
    const [track, sequence] = [view.getUint16(2), view.getUint32(4)];
    const [total, offset] = [view.getUint32(8), view.getUint32(12)];
    const bytes = message.subarray(PART_HEADER_BYTES);
    if (total > Limits.MAX_FRAME_BYTES) {
      throw new ProtocolError(
        "HW_TOO_LARGE",
        `a frame of ${total} bytes is over the ${Limits.MAX_FRAME_BYTES} allowed`,
      );
    }
    if (offset + bytes.byteLength > total) {
      throw new ProtocolError("HW_MALFORMED", "a part of a frame reaches beyond its end");
    }
    if (offset === 0) {
      this.#begin(track, sequence, total);
    } else if (this.#track !== track || this.#sequence !== sequence || this.#bytes !== offset) {
      this.clear();
      return undefined;
    }
    const frame = this.#frame;
    if (frame === undefined || frame.byteLength !== total) return undefined;
    frame.set(bytes, offset);
    this.#bytes += bytes.byteLength;
    this.#parts++;
    if (this.#bytes < total) return undefined;
    this.messages = this.#parts;
    this.clear();
    return Frame.decode(frame, ROOM_BYTES);
  }

  /** Forget what was begun. */
  clear(): void {
    this.#frame = undefined;
    this.#bytes = 0;
    this.#parts = 0;
  }

  #begin(track: number, sequence: number, total: number): void {
    this.clear();
    this.#track = track;
    this.#sequence = sequence;
    this.#frame = new Uint8Array(ROOM_BYTES + total).subarray(ROOM_BYTES);
  }
}

/** A copy that holds nobody else's memory: what a client library hands over may be a view of much more. */
function own(message: Uint8Array): Uint8Array {
  const copy = new Uint8Array(ROOM_BYTES + message.byteLength).subarray(ROOM_BYTES);
  copy.set(message);
  return copy;
}
