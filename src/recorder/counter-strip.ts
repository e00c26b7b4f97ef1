/**
 * A number that a program can read from the pixels of the test picture, also after lossy compression: along the bottom
 * edge stand 32 blocks, white for 1 and black for 0, most significant bit at the left. Each is `floor(width / 32)`
 * pixels wide, and all are `max(8, ceil(width / 80))` pixels high. What is left at the right edge has no meaning.
 * A picture narrower than 64 pixels has blocks too small to be read safely.
 * @module
 */

/** Blocks, one per bit. */
export const STRIP_BITS = 32;

const BLACK = 0;
const WHITE = 255;
const MIDDLE = 128;

/** Brightness of a picture: rows of one byte per pixel, `stride` bytes apart. */
export interface Luma {
  readonly bytes: Uint8Array;
  readonly stride: number;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
}

/** Height of the strip in a picture of this size, in pixels. */
export function stripHeight({ width, height }: Pick<Luma, "width" | "height">): number {
  return Math.min(height, Math.max(8, Math.ceil(width / 80)));
}

/** Paint the low 32 bits of `value`. */
export function paintStrip({ bytes, stride, width, height }: Luma, value: number): void {
  const block = Math.floor(width / STRIP_BITS);
  for (let y = height - stripHeight({ width, height }); y < height; y++) {
    for (let bit = 0; bit < STRIP_BITS; bit++) {
      const from = y * stride + bit * block;
      bytes.fill((value >>> (STRIP_BITS - 1 - bit)) & 1 ? WHITE : BLACK, from, from + block);
    }
  }
}

/** Read what {@link paintStrip} painted: an unsigned number of 32 bits. */
export function readStrip({ bytes, stride, width, height }: Luma): number {
  const block = Math.floor(width / STRIP_BITS);
  const y = height - Math.ceil(stripHeight({ width, height }) / 2);
  let value = 0;
  for (let bit = 0; bit < STRIP_BITS; bit++) {
    const x = bit * block + Math.floor(block / 2);
    value = value * 2 + ((bytes[y * stride + x] ?? 0) >= MIDDLE ? 1 : 0);
  }
  return value;
}
