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

  /** Set every sample of a plane (0 Y, 1 U, 2 V) by its place, (0, 0) to (1, 1). */
  shade(index: 0 | 1 | 2, value: (x: number, y: number) => number): void {
    const { bytes, stride } = this.#planes[index] as Plane;
    const width = index === 0 ? this.width : Math.ceil(this.width / 2);
    const height = index === 0 ? this.height : Math.ceil(this.height / 2);
    for (let y = 0; y < height; y++) {
      // What rounding takes from a sample is given to the next, so that a slow gradient shows no steps.
      let rest = (y % 3) / 3;
      for (let x = 0; x < width; x++) {
        const wanted = value(x / width, y / height) + rest;
        const rounded = Math.floor(wanted);
        bytes[y * stride + x] = rounded;
        rest = wanted - rounded;
      }
    }
  }

  /** Mix brightness into the pixels that `coverage` (0 to 255, row by row) covers, at the place of `box`. */
  stamp(box: Box, coverage: Uint8Array, luma: number): void {
    this.#stampPlane(0, box, coverage, luma);
  }

  /** The same with a colour. */
  stampColour(box: Box, coverage: Uint8Array, { y, u, v }: Colour): void {
    this.#stampPlane(0, box, coverage, y);
    this.#stampPlane(1, box, coverage, u);
    this.#stampPlane(2, box, coverage, v);
  }

  #stampPlane(index: number, box: Box, coverage: Uint8Array, value: number): void {
    const { bytes, stride } = this.#planes[index] as Plane;
    // The differences have a sample for every other pixel of every other row.
    const shift = index === 0 ? 0 : 1;
    const top = Math.max(0, box.y + (box.y & 1 & shift));
    const left = Math.max(0, box.x + (box.x & 1 & shift));
    const right = Math.min(this.width, box.x + box.width);
    const bottom = Math.min(this.height, box.y + box.height);
    for (let y = top; y < bottom; y += 1 + shift) {
      const covers = (y - box.y) * box.width - box.x;
      const row = (y >> shift) * stride;
      for (let x = left; x < right; x += 1 + shift) {
        const covered = coverage[covers + x] as number;
        if (covered === 0) continue;
        const at = row + (x >> shift);
        const old = bytes[at] as number;
        bytes[at] = old + ((value - old) * covered) / 255;
      }
    }
  }
}
