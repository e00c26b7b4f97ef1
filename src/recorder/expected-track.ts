import { levelFor, type Size } from "../codec/index.ts";
import type { TrackInfo } from "../protocol/index.ts";
import { maxBitrate } from "./h264-bitrate.ts";
import {
  evenSize,
  PICTURE_RUNGS,
  type Rung,
  rungRate,
  rungSize,
  stepsDown,
  VIDEO_RUNGS,
  type VideoRung,
} from "./rung.ts";

/** Name of the JPEG track of a camera: its own where it gives JPEG. */
export const JPEG_TRACK = "jpeg";

/** Name of the H.264 track of a camera: its own where it gives H.264. */
export const H264_TRACK = "h264";

/** The rate of a source that promises none, in frames per second. */
export const USUAL_RATE = 30;

/** What a source promises of its pictures. */
export interface Promised {
  /** Frames per second. */
  readonly rate?: number | undefined;
  readonly size?: Size | undefined;
}

/** The H.264 track that x264 will make, whole or of a rung; its first keyframe says what it really is. */
export function expectedH264({ rate, size }: Promised, rung?: VideoRung): TrackInfo {
  const even = size === undefined ? undefined : rung === undefined ? evenSize(size) : rungSize(rung, size);
  const own = rung === undefined ? (rate ?? USUAL_RATE) : rungRate(rung, rate ?? USUAL_RATE);
  const level = levelFor(even ?? { width: 1280, height: 720 }, own);
  return {
    name: rung?.name ?? H264_TRACK,
    codec: `avc1.6400${level.toString(16).toUpperCase()}`,
    width: even?.width,
    height: even?.height,
    rate: rate === undefined ? undefined : rounded(own),
    bitrate: even === undefined ? undefined : maxBitrate(even, own, rung),
  };
}

/** The JPEG track that will be made, whole or of a rung. */
export function expectedJpeg({ rate, size }: Promised, rung?: Rung): TrackInfo {
  const own = size === undefined || rung === undefined ? size : rungSize(rung, size);
  const [name, kept] = [rung?.name ?? JPEG_TRACK, rate === undefined ? undefined : rounded(rate)];
  return { name, codec: "jpeg", width: own?.width, height: own?.height, rate: kept };
}

/** All that will be made beside a source's own JPEG. */
export function expectedBesideJpeg({ width, height, rate }: TrackInfo): TrackInfo[] {
  if (width === undefined || height === undefined) return [expectedH264({ rate })];
  const promised = { rate, size: { width, height } };
  return [
    expectedH264(promised),
    ...VIDEO_RUNGS.filter((rung) => stepsDown(rung, promised.size)).map((rung) =>
      expectedH264(promised, rung),
    ),
    ...PICTURE_RUNGS.filter((rung) => stepsDown(rung, promised.size)).map((rung) =>
      expectedJpeg(promised, rung),
    ),
  ];
}

/** A rate as it is told. */
export function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}
