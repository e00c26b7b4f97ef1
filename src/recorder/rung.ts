import type { Size } from "../codec/index.ts";
import type { Effort } from "./effort.ts";

/** A step of the ladder: a smaller track that is made of a camera's pictures, for links and tiles that are too small for the whole. */
export interface Rung {
  /** Of its track. */
  readonly name: string;
  /** Pixels; the width follows from the camera's own shape. */
  readonly height: number;
}

/** A step in H.264. */
export interface VideoRung extends Rung {
  /** The most bits per second at 30 frames a second or more. */
  readonly maxBitrate: number;
  /** At most 20 frames a second, as an even part of the camera's. */
  readonly slow?: boolean;
  /** Where it is not the usual one: so few pixels that more work for each bit costs little. */
  readonly effort?: Effort;
}

/**
 * The steps in H.264, best first. Each takes about a third of the link of the one above: who steps down has room at once.
 * The small ones are worth much effort:
 * measured on noisy video it takes 2 ms for 270p in place of 1, and a quarter fewer bits for a better picture.
 */
export const VIDEO_RUNGS: readonly VideoRung[] = [
  { name: "h264-1080p", height: 1080, maxBitrate: 8_000_000 },
  { name: "h264-720p", height: 720, maxBitrate: 3_500_000 },
  { name: "h264-540p", height: 540, maxBitrate: 1_600_000 },
  { name: "h264-270p", height: 270, maxBitrate: 450_000, effort: "much" },
  { name: "h264-180p", height: 180, maxBitrate: 150_000, slow: true, effort: "much" },
];

/** The steps in JPEG, best first. */
export const PICTURE_RUNGS: readonly Rung[] = [
  { name: "jpeg-1080p", height: 1080 },
  { name: "jpeg-720p", height: 720 },
  { name: "jpeg-540p", height: 540 },
  { name: "jpeg-270p", height: 270 },
  { name: "jpeg-135p", height: 135 },
];

/** A step is worth its name where it is at most this part of the camera's height. */
const CLEARLY_SMALLER = 0.8;
/** Frames per second of a slow rung, at most. */
const SLOW_RATE = 20;

/** Whether a rung is a step down from pictures of this size. */
export function stepsDown(rung: Rung, { height }: Size): boolean {
  return rung.height <= height * CLEARLY_SMALLER;
}

/** The size of a rung's pictures: the shape of `size`, with even sides; never larger than that. */
export function rungSize(rung: Rung, size: Size): Size {
  const height = Math.min(rung.height, size.height);
  return evenSize({ width: Math.round((size.width * height) / size.height), height });
}

/** The rate of a rung's frames, of a camera with this rate. */
export function rungRate({ slow }: VideoRung, rate: number): number {
  return slow === true ? rate / Math.ceil(rate / SLOW_RATE) : rate;
}

/** What H.264 can have: half the pixels hold colour, so both sides are even. */
export function evenSize({ width, height }: Size): Size {
  return { width: Math.max(2, width & ~1), height: Math.max(2, height & ~1) };
}
