import type { Picture } from "./picture.ts";
import { Yuv } from "./yuv.ts";

/** Pixels up to which a picture is worked on here: 640x360 takes less than a millisecond. */
const SMALL_PIXELS = 640 * 360;

/**
 * Makes a small `VideoFrame` into something that a canvas takes at once. To paint a frame itself from a worker, a browser without a
 * graphics processor waits for the page's main thread each time, and all other pictures wait as well.
 */
export class Proof {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D | null;
  readonly #yuvs = new Map<string, Yuv>();
  #yuv = new Uint8Array();
  #image: ImageData | undefined;
  #rgb = new Uint32Array();

  constructor() {
    this.#canvas = new OffscreenCanvas(1, 1);
    this.#context = this.#canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  }

  /** Whether `picture` is one for this: pixels in memory, as they are to be seen, in three planes. */
  static takes(picture: Picture): picture is VideoFrame {
    if (!("displayWidth" in picture) || picture.format !== "I420") return false;
    const { codedWidth, codedHeight, displayWidth, displayHeight, visibleRect } = picture;
    const rotated = ((picture as { rotation?: number }).rotation ?? 0) !== 0;
    const whole = visibleRect?.width === displayWidth && visibleRect.height === displayHeight;
    return whole && !rotated && codedWidth * codedHeight <= SMALL_PIXELS;
  }

  /** What to paint in place of `frame`. It is valid until the next call ends. */
  async of(frame: VideoFrame): Promise<OffscreenCanvas> {
    const { displayWidth: width, displayHeight: height, colorSpace } = frame;
    const bytes = width * height + 2 * ((width + 1) >> 1) * ((height + 1) >> 1);
    if (this.#yuv.byteLength !== bytes) this.#yuv = new Uint8Array(bytes);
    await frame.copyTo(this.#yuv, { layout: layout(width, height) });
    this.#resize(width, height);
    this.#meaning(colorSpace).convert(this.#yuv, width, height, this.#rgb);
    if (this.#image !== undefined) this.#context?.putImageData(this.#image, 0, 0);
    return this.#canvas;
  }

  #resize(width: number, height: number): void {
    if (this.#image?.width === width && this.#image.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#image = new ImageData(width, height);
    this.#rgb = new Uint32Array(this.#image.data.buffer);
  }

  #meaning({ matrix, fullRange }: VideoColorSpace): Yuv {
    const key = `${matrix} ${fullRange}`;
    let yuv = this.#yuvs.get(key);
    if (yuv === undefined) {
      yuv = new Yuv(matrix, fullRange === true);
      this.#yuvs.set(key, yuv);
    }
    return yuv;
  }
}

function layout(width: number, height: number): PlaneLayout[] {
  const half = (width + 1) >> 1;
  const chroma = half * ((height + 1) >> 1);
  return [
    { offset: 0, stride: width },
    { offset: width * height, stride: half },
    { offset: width * height + chroma, stride: half },
  ];
}
