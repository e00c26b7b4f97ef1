import type { Canvas, Surface } from "./surface.ts";

/** A rectangle, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What a {@link Board} is to look like. */
export interface Layout {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Colour between the pictures. */
  readonly ground: string;
  /** Where each surface has its place. */
  readonly places: ReadonlyMap<Surface, Box>;
}

/** Colour of a place where a picture is not. */
const EMPTY = "#0b0d10";

/** Without saturation, and over what is faded. */
const GREY = "#808080";
const SHADE = "rgb(0 0 0 / 0.5)";

/** The place of one surface on a {@link Board}. */
export class Patch {
  readonly #context: OffscreenCanvasRenderingContext2D;
  readonly #box: Box;
  #shown: Box | undefined;

  constructor(context: OffscreenCanvasRenderingContext2D, box: Box) {
    this.#context = context;
    this.#box = box;
    this.clear();
  }

  /** Where on the board its picture is; `undefined` if there is none. */
  get shown(): Box | undefined {
    return this.#shown;
  }

  /** Show `image`, or `part` of it, as large as the place allows. */
  paint(image: CanvasImageSource, part: Box): void {
    const { x, y, width, height } = fitted(part, this.#box);
    const shown = this.#shown;
    if (shown !== undefined && (shown.width !== width || shown.height !== height)) this.clear();
    this.#shown = { x, y, width, height };
    this.#context.drawImage(image, part.x, part.y, part.width, part.height, x, y, width, height);
  }

  /** Show the same picture in grey, and darker. */
  fade(): void {
    if (this.#shown === undefined) return;
    const { x, y, width, height } = this.#shown;
    const context = this.#context;
    context.globalCompositeOperation = "saturation";
    context.fillStyle = GREY;
    context.fillRect(x, y, width, height);
    context.globalCompositeOperation = "source-over";
    context.fillStyle = SHADE;
    context.fillRect(x, y, width, height);
  }

  /** Show nothing. */
  clear(): void {
    const { x, y, width, height } = this.#box;
    this.#shown = undefined;
    this.#context.fillStyle = EMPTY;
    this.#context.fillRect(x, y, width, height);
  }
}

/**
 * One canvas with the pictures of many surfaces. What is composed costs by the layer, far more than by the pixel where there is no
 * graphics processor: fifty canvases take three times the work of one that is as large as all of them.
 */
export class Board {
  readonly #canvas: Canvas;
  readonly #context: OffscreenCanvasRenderingContext2D | undefined;
  #patches: ReadonlyMap<Surface, Patch> = new Map();

  constructor(canvas: Canvas) {
    this.#canvas = canvas;
    const context = canvas.getContext("2d", { alpha: false }) as OffscreenCanvasRenderingContext2D | null;
    this.#context = context ?? undefined;
  }

  /** Look like this from now on. Surfaces that come or go take their pictures along. */
  arrange({ width, height, ground, places }: Layout): void {
    const context = this.#context;
    if (context === undefined) return;
    const before = this.#patches;
    const copy = before.size === 0 ? undefined : this.#copy();
    this.#canvas.width = width;
    this.#canvas.height = height;
    context.fillStyle = ground;
    context.fillRect(0, 0, width, height);
    const patches = new Map<Surface, Patch>();
    for (const [surface, box] of places) {
      const patch = new Patch(context, box);
      const shown = before.get(surface)?.shown;
      if (shown !== undefined && copy !== undefined) patch.paint(copy, shown);
      else if (!before.has(surface)) surface.copyTo(patch);
      surface.move(patch);
      patches.set(surface, patch);
    }
    for (const [surface, patch] of before) {
      if (places.has(surface)) continue;
      surface.move(undefined);
      if (patch.shown !== undefined && copy !== undefined) surface.copyFrom(copy, patch.shown);
    }
    this.#patches = patches;
  }

  #copy(): OffscreenCanvas {
    const copy = new OffscreenCanvas(this.#canvas.width, this.#canvas.height);
    copy.getContext("2d", { alpha: false })?.drawImage(this.#canvas, 0, 0);
    return copy;
  }
}

/** Where surfaces have their places, of views by their numbers; one that is not there any more has none. */
export function boxesOf(
  places: readonly ({ readonly view: number } & Box)[],
  surfaceOf: (view: number) => Surface | undefined,
): ReadonlyMap<Surface, Box> {
  const boxes = new Map<Surface, Box>();
  for (const { view, ...box } of places) {
    const surface = surfaceOf(view);
    if (surface !== undefined) boxes.set(surface, box);
  }
  return boxes;
}

function fitted({ width, height }: Box, box: Box): Box {
  const scale = Math.min(box.width / width, box.height / height);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  return {
    x: box.x + Math.round((box.width - size.width) / 2),
    y: box.y + Math.round((box.height - size.height) / 2),
    ...size,
  };
}
