import type { CameraControl, Micros, TrackInfo } from "../protocol/index.ts";

/** One encoded picture as a source gives it, before it has a number on a bus. */
export interface SourceFrame {
  /** Name of the track that it belongs to. */
  readonly track: string;
  /** When the camera produced it. */
  readonly capturedAt: Micros;
  /** Decodes alone. Every JPEG does. */
  readonly keyframe: boolean;
  /** No other frame needs it. */
  readonly discardable: boolean;
  /** The encoded picture. The source never touches it again. */
  readonly payload: Uint8Array;
}

/** What a source lost and what it had to do, since it was opened. Loss is counted, never silent. */
export interface CaptureCounters {
  /** Frames replaced by newer ones before they were encoded or taken. */
  readonly overwritten: number;
  /** Frames dropped because they were damaged or over the bound of the wire. */
  readonly broken: number;
  /** Pictures decoded here: none while all that is wanted passes through as it came. */
  readonly decoded: number;
  /** Frames encoded here. */
  readonly encoded: number;
}

/** Counters of a source that has done nothing. */
export const NOTHING_LOST: CaptureCounters = { overwritten: 0, broken: 0, decoded: 0, encoded: 0 };

/** Both together. */
export function addCounters(a: CaptureCounters, b: CaptureCounters): CaptureCounters {
  return {
    overwritten: a.overwritten + b.overwritten,
    broken: a.broken + b.broken,
    decoded: a.decoded + b.decoded,
    encoded: a.encoded + b.encoded,
  };
}

/** A source that is open. Dispose of it to release the device. */
export interface Capture extends AsyncDisposable {
  /**
   * What it offers, with sizes and rate as the device really set them; first the one that costs least. Another array
   * when they change.
   */
  readonly tracks: readonly TrackInfo[];

  /** What it lost and did so far. */
  readonly counters: CaptureCounters;

  /** Why some of its tracks cannot be had, in one sentence; absent while all can. */
  readonly problem?: string | undefined;

  /**
   * Which tracks somebody takes from now on; none before the first call. Names that it does not offer are ignored. A
   * track is encoded only while it is wanted; with none wanted, nothing is even decoded.
   */
  want(tracks: ReadonlySet<string>): void;

  /** Somebody cannot go on without a keyframe of this track. A source that cannot make one ignores it. */
  keyframe(track: string): void;

  /**
   * Frames of the wanted tracks as they are captured, each track beginning with a keyframe. The source is always drained: while the consumer is busy a newer frame
   * replaces an older one, as long as no delta loses what it needs. Ends when `signal` aborts; throws {@link SourceError} when the device ends or fails.
   * May be called once.
   */
  frames(signal: AbortSignal): AsyncIterable<SourceFrame>;
}

/** What can be adjusted of a source, whether it is open or not. */
export interface SourceControls {
  /** All controls, as they are now. @throws SourceError if it cannot be asked */
  read(): Promise<readonly CameraControl[]>;

  /** Set some, each with a value that {@link read} allows. @throws SourceError if the device refuses */
  write(values: ReadonlyMap<string, number>): Promise<void>;
}

/** Anything that produces frames: a camera, a stream, a file, a test picture. The port that engines stand behind. */
export interface FrameSource {
  /** How people read it: the source without any password. */
  readonly label: string;

  /** It has stalled if it gives no frame for so long while one is wanted, in ms; absent: it knows itself. */
  readonly silenceMs?: number | undefined;

  /** Whether it is plugged in, as far as that can be told in no time and without opening it; absent: it cannot. */
  readonly present?: (() => boolean) | undefined;

  /** What can be adjusted of it; absent: nothing. */
  readonly controls?: SourceControls | undefined;

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
