import type { Size } from "./size.ts";

// [level_idc, macroblocks per second, macroblocks per picture]: ITU-T H.264 table A-1. Lower ones are of no use: every
// decoder has 3.
const LEVELS = [
  [30, 40_500, 1620],
  [31, 108_000, 3600],
  [32, 216_000, 5120],
  [40, 245_760, 8192],
  [42, 522_240, 8704],
  [50, 589_824, 22_080],
  [51, 983_040, 36_864],
  [52, 2_073_600, 36_864],
  [60, 4_177_920, 139_264],
  [62, 16_711_680, 139_264],
] as const;

/** The `level_idc` that H.264 of this size and rate needs, 30 at least. */
export function levelFor({ width, height }: Size, rate: number): number {
  const macroblocks = Math.ceil(width / 16) * Math.ceil(height / 16);
  const found = LEVELS.find(
    ([, perSecond, perPicture]) => macroblocks <= perPicture && macroblocks * rate <= perSecond,
  );
  return found?.[0] ?? 62;
}
