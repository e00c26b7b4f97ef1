/** One plane of a picture: rows of one byte per sample, `stride` bytes apart. */
export interface Plane {
  readonly bytes: Uint8Array;
  readonly stride: number;
}

/** A colour as a JPEG holds it: brightness and two differences, each 0 to 255. */
export interface Colour {
  readonly y: number;
  readonly u: number;
  readonly v: number;
}

/** A rectangle of pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Red, green and blue (`0xff8800`) as a {@link Colour}, by ITU-R BT.601 over the full range. */
export function colour(rgb: number): Colour {
  const [r, g, b] = [rgb >> 16, (rgb >> 8) & 255, rgb & 255];
  return {
    y: 0.299 * r + 0.587 * g + 0.114 * b,
    u: 128 - 0.168736 * r - 0.331264 * g + 0.5 * b,
    v: 128 + 0.5 * r - 0.418688 * g - 0.081312 * b,
  };
}

/**
 * A picture in YUV 4:2:0 with a background that stays: what was drawn over it is wiped away by restoring a box.
 * Nothing is allocated while drawing.
 */
export class Canvas {
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  readonly #planes: readonly Plane[];
  readonly #background: readonly Uint8Array[];

  /** Draws on `planes` (Y, U, V) themselves. */
  constructor(width: number, height: number, planes: readonly Plane[]) {
    this.width = width;
    this.height = height;
    this.#planes = planes.slice(0, 3);
    this.#background = this.#planes.map(({ bytes }) => new Uint8Array(bytes.byteLength));
  }

  /** The brightness. */
  get luma(): Plane {
    return this.#planes[0] as Plane;
  }

  /** What is drawn now is the background from now on. */
  keepAsBackground(): void {
    for (const [index, { bytes }] of this.#planes.entries()) this.#background[index]?.set(bytes);
  }

  /** Show the background again within `box`; its brightness only, if nothing else was drawn there. */
  restore(box: Box, lumaOnly = false): void {
    this.#restorePlane(0, box, 1);
    if (lumaOnly) return;
    this.#restorePlane(1, box, 2);
    this.#restorePlane(2, box, 2);
  }

  #restorePlane(index: number, box: Box, step: number): void {
    const plane = this.#planes[index];
    const background = this.#background[index];
    if (plane === undefined || background === undefined) return;
    const left = Math.floor(Math.max(0, box.x) / step);
    const right = Math.ceil(Math.min(this.width, box.x + box.width) / step);
    const bottom = Math.ceil(Math.min(this.height, box.y + box.height) / step);
    if (right <= left) return;
    for (let y = Math.floor(Math.max(0, box.y) / step); y < bottom; y++) {
      const row = y * plane.stride;
      plane.bytes.set(background.subarray(row + left, row + right), row + left);
    }
  }

  /** Mix `colour` into the pixel at (x, y), 0 to 1; of the colour differences where they have a sample. */
  mix(x: number, y: number, { y: luma, u, v }: Colour, amount: number): void {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return;
    this.#mixSample(0, x, y, luma, amount);
    if (((x | y) & 1) !== 0) return;
    this.#mixSample(1, x >> 1, y >> 1, u, amount);
    this.#mixSample(2, x >> 1, y >> 1, v, amount);
  }

  #mixSample(index: number, x: number, y: number, value: number, amount: number): void {
    const plane = this.#planes[index] as Plane;
    const at = y * plane.stride + x;
    const old = plane.bytes[at] ?? 0;
    plane.bytes[at] = old + (value - old) * amount + 0.5;
  }

  /** Mix brightness into the pixels that `coverage` (0 to 255, row by row) covers, at the place of `box`. */
  stamp(box: Box, coverage: Uint8Array, luma: number): void {
    const { bytes, stride } = this.luma;
    const right = Math.min(box.width, this.width - box.x);
    const bottom = Math.min(box.height, this.height - box.y);
    for (let row = Math.max(0, -box.y); row < bottom; row++) {
      for (let column = Math.max(0, -box.x); column < right; column++) {
        const covered = coverage[row * box.width + column] as number;
        if (covered === 0) continue;
        const at = (box.y + row) * stride + box.x + column;
        const old = bytes[at] as number;
        bytes[at] = old + ((luma - old) * covered) / 255;
      }
    }
  }
}
