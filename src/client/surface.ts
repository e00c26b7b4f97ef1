import type { Picture } from "./picture.ts";

/** Where a picture is painted: a canvas of the page, or the part of it that a worker holds. */
export type Canvas = HTMLCanvasElement | OffscreenCanvas;

/** Paints pictures on one canvas, which takes the size of what it shows: the page scales it. */
export class Surface {
  readonly #canvas: Canvas;
  readonly #context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null;

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
    // Without alpha the compositor need not blend, and an unpainted canvas is black.
    this.#context = canvas.getContext("2d", { alpha: false }) as CanvasRenderingContext2D | null;
  }

  /** Show `picture`. It stays the caller's to close. */
  paint(picture: Picture): void {
    const canvas = this.#canvas;
    if (canvas.width !== picture.width) canvas.width = picture.width;
    if (canvas.height !== picture.height) canvas.height = picture.height;
    this.#context?.drawImage(picture, 0, 0);
  }

  /** Show nothing. */
  clear(): void {
    this.#context?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }
}
