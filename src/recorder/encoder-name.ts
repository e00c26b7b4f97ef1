/**
 * The H.264 encoders that may be chosen, in the order in which they are tried: hardware first, for it leaves the
 * processor to others; x264 works everywhere.
 */
export const ENCODER_NAMES = ["vaapi", "nvenc", "qsv", "v4l2m2m", "videotoolbox", "x264"] as const;

/** An H.264 encoder. */
export type EncoderName = (typeof ENCODER_NAMES)[number];
