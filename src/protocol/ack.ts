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

/** Several, one behind the other, as they travel in one message. */
export function join(acks: readonly Ack[]): Uint8Array {
  const bytes = new Uint8Array(acks.length * ACK_BYTES);
  for (const [index, ack] of acks.entries()) bytes.set(encode(ack), index * ACK_BYTES);
  return bytes;
}

/** Who takes acknowledgements, field by field. */
export interface Taker {
  acknowledge(track: number, sequence: number, windowFrames: number): void;
}

/**
 * Read what {@link encode} or {@link join} wrote, at `start` in memory that holds more than that.
 * Nothing is allocated.
 * @throws ProtocolError `HW_MALFORMED`; and whatever `taker` throws
 */
export function read(bytes: Uint8Array, start: number, length: number, taker: Taker): void {
  if (length === 0 || length % ACK_BYTES !== 0)
    throw malformed(length, length > 0 ? bytes[start] : undefined);
  for (let at = start; at < start + length; at += ACK_BYTES) readOne(bytes, at, length, taker);
}

function readOne(bytes: Uint8Array, start: number, length: number, taker: Taker): void {
  if (bytes[start] !== ACK_KIND) throw malformed(length, bytes[start]);
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
  if (bytes.byteLength !== ACK_BYTES) throw malformed(bytes.byteLength, bytes[0]);
  let ack: Ack | undefined;
  read(bytes, 0, bytes.byteLength, {
    acknowledge: (track, sequence, windowFrames) => {
      ack = { windowFrames, track, sequence };
    },
  });
  if (ack === undefined) throw new Error("an acknowledgement was read and not taken");
  return ack;
}

function malformed(length: number, kind: number | undefined): ProtocolError {
  return new ProtocolError(
    "HW_MALFORMED",
    `acknowledgements have ${ACK_BYTES} bytes each and start with ${ACK_KIND}; ${length} bytes came, starting with ${kind ?? "nothing"}`,
  );
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
