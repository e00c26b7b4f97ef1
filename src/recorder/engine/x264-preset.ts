import type { Effort } from "../effort.ts";

/**
 * Presets of x264. Measured on real video at 720p: from least to some effort is half to a third of the bytes for a better picture
 * and half as much time again; from some to much another seventh of the bytes for 1.7 times the time. On pure noise nothing helps.
 */
export const X264_PRESETS: Readonly<Record<Effort, string>> = {
  least: "ultrafast",
  some: "superfast",
  much: "veryfast",
};
