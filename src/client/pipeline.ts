import type { Frame } from "../protocol/index.ts";
import type { Painter } from "./painter.ts";
import type { Surface } from "./surface.ts";

/** What a {@link Pipeline} tells its player. Of a frame that came before the last reset nothing is told. */
export interface PipelineEvents {
  /** The frame is on the screen since `delayMs` after its capture, both on clocks that are compared elsewhere. */
  painted(
    frame: Frame.Frame,
    picture: { readonly width: number; readonly height: number },
    delayMs: number,
  ): void;
  /**
   * So many ms of work were in a frame: from when it could begin until there was a picture, and with painting where that came at once.
   * What a picture waits for the beat of the {@link Painter} is none.
   */
  worked(workMs: number): void;
  /** The frame and all before it are done with, painted or not. */
  done(frame: Frame.Frame): void;
  /** A newer frame came before this one was decoded or painted. */
  overwritten(): void;
  /** A frame could not be decoded. */
  failed(error: unknown): void;
  /** Nothing can be decoded before the next keyframe. */
  starved(): void;
  /** The decoder holds all frames that it was given, and wants more before it gives one back. */
  choked(): void;
}

/** What a {@link Pipeline} works with. */
export interface PipelineOptions {
  readonly events: PipelineEvents;
  /** Number of the stream that it makes, of all that a page has had. */
  readonly stream: number;
  /** Where it paints; they come and go. */
  readonly surfaces: ReadonlySet<Surface>;
  /** What paints there, for all pipelines of the page. */
  readonly painter: Painter;
  /** The first frames of a track come in a burst, of which only the last is worth painting. */
  readonly catchingUp: () => boolean;
}

/** From frames to pictures on surfaces, by one {@link Way}. */
export interface Pipeline {
  /** A frame came. */
  put(frame: Frame.Frame): void;
  /** What comes from now on has nothing to do with what came before. */
  reset(): void;
  /** A `<video>` shows a frame. */
  presented?(shown: Presented): void;
  /** The browser does not let a `<video>` play, or does again. */
  hold?(isHeld: boolean): void;
  /** What shows the pictures starts anew, and needs all that it had. */
  restart?(): void;
  /** Last: let go of everything. */
  close(): void;
}

/** A picture that a `<video>` shows. */
export interface Presented {
  /** The stream that it is of. */
  readonly stream: number;
  /** On its timeline. */
  readonly timeS: number;
  /** When, in µs since the epoch on this machine's clock. */
  readonly at: number;
  readonly width: number;
  readonly height: number;
}

/** How a pipeline is made. */
export type MakePipeline = (options: PipelineOptions) => Pipeline;
