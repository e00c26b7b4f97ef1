import { ProtocolError } from "./error.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import type { Micros } from "./time.ts";

/** First byte of an encoded frame. */
export const FRAME_KIND = 0x01;

/** Bytes of the envelope in front of the payload. */
export const HEADER_BYTES = 16;

const KEYFRAME = 0x01;
const DISCARDABLE = 0x02;
const LAYER_SHIFT = 4;
const LAYER_MASK = 0x30;
const KNOWN_FLAGS = KEYFRAME | DISCARDABLE | LAYER_MASK;
const TWO_TO_32 = 2 ** 32;

/** One encoded picture and its facts. */
export interface Frame {
  /** Number of its track, given out by the hub that this frame comes from; 1 to 65535. */
  readonly track: number;
  /** +1 per captured frame of the track, per run of the recorder. Wraps after 2^32. */
  readonly sequence: number;
  /** When the camera produced it, on the recorder's clock. Never rewritten. */
  readonly capturedAt: Micros;
  /** Decodes alone. */
  readonly keyframe: boolean;
  /** No other frame needs it. */
  readonly discardable: boolean;
  /** Temporal layer, 0 to 3; 0 is the base. */
  readonly layer: number;
  /** The encoded picture, as its codec defines it. Shared between all who read it: never write to it. */
  readonly payload: Uint8Array;
  /**
   * Bytes in front of the payload, in the same memory, that belong to this frame alone: room for the headers of a
   * message, so that it can be sent without being copied. Absent: none.
   */
  readonly roomBytes?: number | undefined;
}

// | kind u8 = 1 | flags u8 | track u16 | sequence u32 | capturedAt u64 µs | payload ... |   big-endian
// flags: bit 0 keyframe, bit 1 discardable, bits 4-5 temporal layer, all others zero

/** Write the envelope of `frame` into `target` at `offset`: {@link HEADER_BYTES} bytes. */
export function writeHeader(frame: Frame, target: Uint8Array, offset = 0): void {
  const view = new DataView(target.buffer, target.byteOffset + offset, HEADER_BYTES);
  view.setUint8(0, FRAME_KIND);
  view.setUint8(
    1,
    (frame.keyframe ? KEYFRAME : 0) | (frame.discardable ? DISCARDABLE : 0) | (frame.layer << LAYER_SHIFT),
  );
  view.setUint16(2, frame.track);
  view.setUint32(4, frame.sequence);
  view.setUint32(8, Math.floor(frame.capturedAt / TWO_TO_32));
  view.setUint32(12, frame.capturedAt % TWO_TO_32);
}

/** The frame as it travels: envelope and payload in one new array. */
export function encode(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + frame.payload.byteLength);
  writeHeader(frame, bytes);
  bytes.set(frame.payload, HEADER_BYTES);
  return bytes;
}

/**
 * Read what {@link encode} wrote. The payload is a view of `bytes`, not a copy. `roomBytes` in front of `bytes`, in the
 * same memory, belong to the frame as well.
 * @throws ProtocolError `HW_TOO_LARGE` over {@link MAX_FRAME_BYTES}; `HW_MALFORMED` for all else
 */
export function decode(bytes: Uint8Array, roomBytes = 0): Frame {
  if (bytes.byteLength > MAX_FRAME_BYTES) {
    throw new ProtocolError(
      "HW_TOO_LARGE",
      `a frame of ${bytes.byteLength} bytes is over the ${MAX_FRAME_BYTES} allowed`,
    );
  }
  if (bytes.byteLength <= HEADER_BYTES) {
    throw new ProtocolError(
      "HW_MALFORMED",
      `a frame has ${HEADER_BYTES} bytes of envelope and a payload; ${bytes.byteLength} bytes came`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(0);
  if (kind !== FRAME_KIND) throw new ProtocolError("HW_MALFORMED", `a frame starts with 1, not ${kind}`);
  const flags = view.getUint8(1);
  if ((flags & ~KNOWN_FLAGS) !== 0) {
    throw new ProtocolError("HW_MALFORMED", `frame flags 0x${flags.toString(16)} have unknown bits`);
  }
  const track = view.getUint16(2);
  if (track === 0) throw new ProtocolError("HW_MALFORMED", "track number 0 is never given out");
  const capturedAt = view.getUint32(8) * TWO_TO_32 + view.getUint32(12);
  if (!Number.isSafeInteger(capturedAt)) {
    throw new ProtocolError("HW_MALFORMED", "capture time is beyond 2^53 microseconds");
  }
  return {
    track,
    sequence: view.getUint32(4),
    capturedAt: capturedAt as Micros,
    keyframe: (flags & KEYFRAME) !== 0,
    discardable: (flags & DISCARDABLE) !== 0,
    layer: (flags & LAYER_MASK) >> LAYER_SHIFT,
    payload: bytes.subarray(HEADER_BYTES),
    roomBytes: roomBytes + HEADER_BYTES,
  };
}
