import type { Micros, TrackInfo } from "../protocol/index.ts";

/** One encoded picture as a source gives it, before it has a number on a bus. */
export interface SourceFrame {
  /** Name of the track that it belongs to. */
  readonly track: string;
  /** When the camera produced it. */
  readonly capturedAt: Micros;
  /** Decodes alone. Every JPEG does. */
  readonly keyframe: boolean;
  /** The encoded picture. The source never touches it again. */
  readonly payload: Uint8Array;
}

/** What a source lost, since it was opened. Loss is counted, never silent. */
export interface CaptureCounters {
  /** Frames replaced by newer ones before they were encoded or taken. */
  readonly overwritten: number;
  /** Frames dropped because they were damaged or over the bound of the wire. */
  readonly broken: number;
}

/** A source that is open. Dispose of it to release the device. */
export interface Capture extends AsyncDisposable {
  /** What it offers, with sizes and rate as the device really set them. Another array when they change. */
  readonly tracks: readonly TrackInfo[];

  /** What it lost so far. */
  readonly counters: CaptureCounters;

  /**
   * Frames as they are captured. The source is always drained: while the consumer is busy a newer frame
   * replaces an older one. Ends when `signal` aborts; throws {@link SourceError} when the device ends or fails.
   * May be called once.
   */
  frames(signal: AbortSignal): AsyncIterable<SourceFrame>;
}

/** Anything that produces frames: a camera, a stream, a file, a test picture. The port that engines stand behind. */
export interface FrameSource {
  /** How people read it: the source without any password. */
  readonly label: string;

  /**
   * Open the device.
   * @throws SourceError if it cannot be opened, or when `signal` aborts first
   */
  open(signal: AbortSignal): Promise<Capture>;
}

/** A source cannot be opened, or ended, or failed. The message is one sentence for the user, without a password. */
export class SourceError extends Error {
  override readonly name = "SourceError";
}
