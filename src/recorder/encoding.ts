import type { Micros, TrackInfo } from "../protocol/index.ts";
import type * as Engine from "./engine/engine.ts";
import type { SourceFrame } from "./frame-source.ts";

/** One way of encoding the pictures of a camera: a track made here. Its encoder is there only while it is used. */
export interface Encoding {
  /** The track as it is now; before the first frame, as it will be. Another object when it changes. */
  readonly info: TrackInfo;

  /** Frames that did not fit the wire. */
  readonly broken: number;

  /**
   * The frames that `picture` completes: one, or none yet where the encoder holds it back. Size and format may change
   * from one picture to the next. One call at a time. @throws FfmpegError, SourceError
   */
  encode(picture: Engine.Picture, capturedAt: Micros): Promise<SourceFrame[]>;

  /** Somebody needs a keyframe. */
  keyframe(): void;

  /** Release the encoder; the next picture opens it again. Not during {@link encode}. */
  rest(): Promise<void>;
}
