import type { Box, Patch } from "./board.ts";
import { type Picture, sizeOf } from "./picture.ts";

/** Where a picture is painted: a canvas of the page, or the part of it that a worker holds. */
export type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** A piece of a stream for a `<video>`. */
export interface Segment {
  /** Of which stream it is: another one has a timeline of its own. */
  readonly stream: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where its frame stands on the timeline of the video, in seconds. */
  readonly timeS: number;
  readonly keyframe: boolean;
  /** With a head: the codec of what follows. */
  readonly codec?: string | undefined;
  /** The first of its stream. */
  readonly fresh: boolean;
}

/**
 * Shows pictures of one view: on its canvas, which takes the size of what it shows (the page scales it), or, as
 * segments, in the `<video>` that the page has for it. While it has a place on a board, that is where they are painted.
 */
export class Surface {
  readonly #canvas: Canvas;
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;
  readonly #play: (segment: Segment) => void;
  #patch: Patch | undefined;
  #blank = true;
  #faded = false;

  /** `play` brings a segment to the view's `<video>`. */
  constructor(canvas: Canvas, play: (segment: Segment) => void) {
    this.#canvas = canvas;
    this.#play = play;
    // Without alpha the compositor need not blend, and an unpainted canvas is black.
    this.#context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D | null;
  }

  /** Show `picture`. It stays the caller's to close. */
  paint(picture: Picture | OffscreenCanvas): void {
    const { width, height } = sizeOf(picture);
    this.#faded = false;
    if (this.#patch !== undefined) this.#patch.paint(picture, { x: 0, y: 0, width, height });
    else this.copyFrom(picture, { x: 0, y: 0, width, height });
  }

  /** The picture is not live: until the next one comes it is grey. On its own canvas the page sees to that. */
  fade(): void {
    if (this.#faded) return;
    this.#faded = true;
    this.#patch?.fade();
  }

  /** Play `segment`. */
  play(segment: Segment): void {
    this.#play(segment);
  }

  /** Show nothing. */
  clear(): void {
    this.#patch?.clear();
    this.#blank = true;
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  /** Paint there from now on; `undefined`: on its own canvas. */
  move(patch: Patch | undefined): void {
    // What is grey stays grey on a board; on the canvas it is not.
    if (this.#patch === undefined || patch === undefined) this.#faded = false;
    this.#patch = patch;
  }

  /** Show in `patch` what its own canvas shows. */
  copyTo(patch: Patch): void {
    const { width, height } = this.#canvas;
    if (!this.#blank) patch.paint(this.#canvas, { x: 0, y: 0, width, height });
  }

  /** Show a part of `image` on its own canvas. */
  copyFrom(image: CanvasImageSource, { x, y, width, height }: Box): void {
    const canvas = this.#canvas;
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    this.#context?.drawImage(image, x, y, width, height, 0, 0, width, height);
    this.#blank = false;
  }
}
