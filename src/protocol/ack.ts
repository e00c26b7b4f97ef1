import { ProtocolError } from "./error.ts";
import { MAX_WINDOW_FRAMES } from "./limits.ts";

/** First byte of an encoded acknowledgement. */
export const ACK_KIND = 0x02;

/** Bytes of an acknowledgement. */
export const ACK_BYTES = 8;

/** What a receiver says of one track. Absolute: losing or repeating one does no harm. */
export interface Ack {
  /** Frames it is ready to hold in flight from now on: 0 (pause) to {@link MAX_WINDOW_FRAMES}. */
  readonly windowFrames: number;
  /** The track's number. */
  readonly track: number;
  /** The newest frame that it has painted (or has done with). */
  readonly sequence: number;
}

// | kind u8 = 2 | window u8 | track u16 | sequence u32 |   big-endian

/** The acknowledgement as it travels. */
export function encode(ack: Ack): Uint8Array {
  const bytes = new Uint8Array(ACK_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, ACK_KIND);
  view.setUint8(1, ack.windowFrames);
  view.setUint16(2, ack.track);
  view.setUint32(4, ack.sequence);
  return bytes;
}

/** Who takes acknowledgements, field by field. */
export interface Taker {
  acknowledge(track: number, sequence: number, windowFrames: number): void;
}

/**
 * Read what {@link encode} wrote, at `start` in memory that holds more than that. Nothing is allocated.
 * @throws ProtocolError `HW_MALFORMED`; and whatever `taker` throws
 */
export function read(bytes: Uint8Array, start: number, length: number, taker: Taker): void {
  const kind = length > 0 ? bytes[start] : undefined;
  if (length !== ACK_BYTES || kind !== ACK_KIND) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `an acknowledgement has ${ACK_BYTES} bytes and starts with ${ACK_KIND}; ${length} bytes came, starting with ${kind ?? "nothing"}`,
    );
  }
  const windowFrames = bytes[start + 1] ?? 0;
  if (windowFrames > MAX_WINDOW_FRAMES) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `a window of ${windowFrames} frames is over the ${MAX_WINDOW_FRAMES} allowed`,
    );
  }
  const track = u16(bytes, start + 2);
  const sequence = u16(bytes, start + 4) * 0x1_0000 + u16(bytes, start + 6);
  taker.acknowledge(track, sequence, windowFrames);
}

/**
 * Read what {@link encode} wrote.
 * @throws ProtocolError `HW_MALFORMED`
 */
export function decode(bytes: Uint8Array): Ack {
  let ack: Ack | undefined;
  read(bytes, 0, bytes.byteLength, {
    acknowledge: (track, sequence, windowFrames) => {
      ack = { windowFrames, track, sequence };
    },
  });
  if (ack === undefined) throw new Error("an acknowledgement was read and not taken");
  return ack;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
