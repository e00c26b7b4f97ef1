/**
 * What FFmpeg calls a JPEG's quality, 1 to 31, of a quality as in libjpeg, 1 to 100: libjpeg scales its tables by 5000/quality or 200 - 2 quality percent, FFmpeg the MPEG table by q/8, and a
 * percent of the former is about 0.075 q of the latter.
 */
export function quantizer(quality: number): number {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Math.min(31, Math.max(1, 0.075 * percent));
}
