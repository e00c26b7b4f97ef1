import { Frame, Limits, ProtocolError } from "../protocol/index.ts";

/** First byte of a part of a frame; a whole frame starts with `Frame.FRAME_KIND`. */
const PART_KIND = 0x03;

/** Bytes in front of the bytes of a part. */
const PART_HEADER_BYTES = 16;

/** Bytes of a frame that travels in one message: on a way of 1 Mbit/s it is there within two seconds, after which a way counts as dead. */
const MAX_WHOLE_BYTES = 256 * 1024;

/**
 * Bytes of a part at most. A client library of NATS puts a message together in memory that grows as it comes, beside the frame that is put
 * together here: from small ones it has the less to throw away.
 */
const PART_BYTES = 32 * 1024;

/** Room left in front of what is put together: the longest header of a WebSocket message (RFC 6455 section 5.2, no mask). */
const ROOM_BYTES = 10;

// | kind u8 = 3 | 0 u8 | track u16 | sequence u32 | total u32 | offset u32 | bytes ... |   big-endian
// The bytes of all parts, in their order, are the frame as it travels whole: `total` bytes.

/**
 * A frame as one message, or as several where it is longer than `maxBytes`, or long. Their number is a power of two, so that frames of about one
 * size come in as many, and who wants one frame knows how many messages to take.
 */
export function split(frame: Frame.Frame, maxBytes: number): readonly Uint8Array[] {
  const total = Frame.HEADER_BYTES + frame.payload.byteLength;
  if (total <= Math.min(maxBytes, MAX_WHOLE_BYTES)) return [Frame.encode(frame)];
  const mostBytes = Math.min(maxBytes, PART_BYTES) - PART_HEADER_BYTES;
  const roomBytes = Math.ceil(total / 2 ** Math.ceil(Math.log2(total / mostBytes)));
  const envelope = new Uint8Array(Frame.HEADER_BYTES);
  Frame.writeHeader(frame, envelope);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < total; offset += roomBytes) {
    const end = Math.min(total, offset + roomBytes);
    const part = uncleared(PART_HEADER_BYTES + end - offset);
    const view = new DataView(part.buffer, part.byteOffset, PART_HEADER_BYTES);
    view.setUint16(0, PART_KIND << 8);
    view.setUint16(2, frame.track);
    view.setUint32(4, frame.sequence);
    view.setUint32(8, total);
    view.setUint32(12, offset);
    const head = envelope.subarray(offset, end);
    const [from, to] = [offset - envelope.byteLength, end - envelope.byteLength];
    part.set(head, PART_HEADER_BYTES);
    part.set(frame.payload.subarray(Math.max(0, from), Math.max(0, to)), PART_HEADER_BYTES + head.byteLength);
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

  /** Messages that a frame of the size of the last one comes in. */
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
    // All but the last have as many bytes.
    if (offset + bytes.byteLength < total) this.messages = Math.ceil(total / bytes.byteLength);
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
    if (this.#bytes < total) return undefined;
    this.clear();
    return Frame.decode(frame, ROOM_BYTES);
  }

  /** Forget what was begun. */
  clear(): void {
    this.#frame = undefined;
    this.#bytes = 0;
  }

  #begin(track: number, sequence: number, total: number): void {
    this.clear();
    this.#track = track;
    this.#sequence = sequence;
    this.#frame = uncleared(ROOM_BYTES + total).subarray(ROOM_BYTES);
  }
}

/** A copy that holds nobody else's memory: what a client library hands over may be a view of much more. */
function own(message: Uint8Array): Uint8Array {
  const copy = uncleared(ROOM_BYTES + message.byteLength).subarray(ROOM_BYTES);
  copy.set(message);
  return copy;
}

/** Memory of its own, every byte of which is about to be written. */
function uncleared(bytes: number): Uint8Array {
  const { buffer, byteOffset } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, bytes);
}
