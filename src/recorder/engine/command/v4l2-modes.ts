import { type Mode, withoutRepetition } from "../../mode.ts";
import type { ListedFormat } from "../format-listing.ts";

/** What USB 2 carries of raw pictures, in bytes per second: 640x480 at 30/s in two bytes a pixel. */
const RAW_BYTES_PER_SECOND = 18_500_000;
/** Bytes of a raw pixel: most cameras give 4:2:2. */
const BYTES_PER_PIXEL = 2;
/** Frames per second of nearly every camera, where its bus allows. */
const USUAL_RATE = 30;

/** FFmpeg's names of what V4L2 calls otherwise. */
const NAMES: Readonly<Record<string, string>> = {
  MJPG: "mjpeg",
  JPEG: "mjpeg",
  H264: "h264",
  HEVC: "hevc",
  YUYV: "yuyv422",
  UYVY: "uyvy422",
  NV12: "nv12",
  NV21: "nv21",
  NV16: "nv16",
  YU12: "yuv420p",
  "422P": "yuv422p",
  RGB3: "rgb24",
  BGR3: "bgr24",
  GREY: "gray",
};

/** The ways in which a device gives its picture, in what `v4l2-ctl --list-formats-ext` says. */
export function parseFormats(text: string): Mode[] {
  const modes: Mode[] = [];
  let format: string | undefined;
  let size: { width: number; height: number } | undefined;
  let rates: number[] = [];
  const keep = (): void => {
    if (format !== undefined && size !== undefined && rates.length > 0) {
      modes.push({ format, ...size, rates: [...rates].sort((a, b) => a - b) });
    }
    rates = [];
  };
  for (const line of text.split("\n")) {
    const head = /^\s*\[\d+\]: '(.{4})'/.exec(line)?.[1];
    const discrete = /Size: Discrete (\d+)x(\d+)/.exec(line);
    if (head !== undefined || discrete !== null) keep();
    if (head !== undefined) [format, size] = [NAMES[head], undefined];
    if (discrete !== null) size = { width: Number(discrete[1]), height: Number(discrete[2]) };
    for (const [, rate] of line.matchAll(/\(([\d.]+)(?:-[\d.]+)? fps\)/g)) rates.push(Number(rate));
  }
  keep();
  return withoutRepetition(modes);
}

/** The same by FFmpeg's own listing, which knows no rates: they are reckoned from what a camera's bus carries. */
export function reckonModes(formats: readonly ListedFormat[]): Mode[] {
  const modes = formats
    .filter(({ format }) => /^[a-z]/.test(format))
    .flatMap(({ format, compressed, sizes }) =>
      sizes.map(({ width, height }): Mode => {
        const carried = Math.floor(RAW_BYTES_PER_SECOND / (width * height * BYTES_PER_PIXEL));
        return {
          format,
          width,
          height,
          rates: [compressed ? USUAL_RATE : Math.max(1, Math.min(USUAL_RATE, carried))],
        };
      }),
    );
  return withoutRepetition(modes);
}
