import { levelFor, type Size } from "../codec/index.ts";
import type { TrackInfo } from "../protocol/index.ts";

/** Name of the H.264 track of a camera. */
export const H264_TRACK = "h264";

/** The rate of a source that promises none, in frames per second. */
export const USUAL_RATE = 30;

/** What H.264 can have: half the pixels hold colour, so both sides are even. */
export function evenSize({ width, height }: Size): Size {
  return { width: Math.max(2, width & ~1), height: Math.max(2, height & ~1) };
}

/** The H.264 track that x264 will make of pictures of this size and rate; its first keyframe says what it really is. */
export function expectedH264(rate?: number, size?: Size): TrackInfo {
  const even = size === undefined ? undefined : evenSize(size);
  const level = levelFor(even ?? { width: 1280, height: 720 }, rate ?? USUAL_RATE);
  return {
    name: H264_TRACK,
    codec: `avc1.42C0${level.toString(16).toUpperCase()}`,
    width: even?.width,
    height: even?.height,
    rate: rate === undefined ? undefined : Math.round(rate * 100) / 100,
  };
}
