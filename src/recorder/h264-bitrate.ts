import type { Size } from "../codec/index.ts";

// 4 Mbit/s carry 1280x720 at 30/s well. Larger pictures need less per pixel: the exponent is experience.
const REFERENCE_BITS = 4_000_000;
const REFERENCE_PIXELS_PER_SECOND = 1280 * 720 * 30;
const EXPONENT = 0.75;
const MIN_BITS = 300_000;

/** The most bits per second that an H.264 track of this size and rate may take. */
export function maxBitrate({ width, height }: Size, rate: number): number {
  const share = (width * height * rate) / REFERENCE_PIXELS_PER_SECOND;
  return Math.max(MIN_BITS, Math.round(REFERENCE_BITS * share ** EXPONENT));
}
