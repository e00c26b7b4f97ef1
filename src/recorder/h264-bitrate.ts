import type { Size } from "../codec/index.ts";
import type { VideoRung } from "./rung.ts";

// 4 Mbit/s carry 1280x720 at 30/s well. Larger pictures need less per pixel: the exponent is experience.
const REFERENCE_BITS = 4_000_000;
const REFERENCE_RATE = 30;
const REFERENCE_PIXELS_PER_SECOND = 1280 * 720 * REFERENCE_RATE;
const EXPONENT = 0.75;
const MIN_BITS = 300_000;

/** The most bits per second that an H.264 track of this size and rate may take; of a rung, its own at this rate. */
export function maxBitrate({ width, height }: Size, rate: number, rung?: VideoRung): number {
  if (rung !== undefined) {
    return Math.round(rung.maxBitrate * Math.min(1, rate / referenceRate(rung)) ** EXPONENT);
  }
  const share = (width * height * rate) / REFERENCE_PIXELS_PER_SECOND;
  return Math.max(MIN_BITS, Math.round(REFERENCE_BITS * share ** EXPONENT));
}

function referenceRate({ slow }: VideoRung): number {
  return slow === true ? REFERENCE_RATE / 2 : REFERENCE_RATE;
}
