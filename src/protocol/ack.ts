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

/**
 * Read what {@link encode} wrote.
 * @throws ProtocolError `HW_MALFORMED`
 */
export function decode(bytes: Uint8Array): Ack {
  if (bytes.byteLength !== ACK_BYTES || bytes[0] !== ACK_KIND) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `an acknowledgement has ${ACK_BYTES} bytes and starts with ${ACK_KIND}; ${bytes.byteLength} bytes came, starting with ${bytes[0] ?? "nothing"}`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, ACK_BYTES);
  const windowFrames = view.getUint8(1);
  if (windowFrames > MAX_WINDOW_FRAMES) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `a window of ${windowFrames} frames is over the ${MAX_WINDOW_FRAMES} allowed`,
    );
  }
  return { windowFrames, track: view.getUint16(2), sequence: view.getUint32(4) };
}
