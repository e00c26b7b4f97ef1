/** Seconds between keyframes that nobody asked for. */
const GOP_SECONDS = 10;
/**
 * Seconds of the highest bitrate that a burst may hold: a keyframe must not clog a thin link. Measured on noisy video: at most
 * 0.13 s of it ever wait in front of a link of just that bitrate (0.42 s with 0.5), for 0.003 of SSIM on the whole and 0.02 to 0.06
 * on the keyframe itself, which the next frames make good.
 */
const BUFFER_SECONDS = 0.15;
/** What an encoder without constant quality aims at, as a part of its highest bitrate. */
const AIM = 0.75;

/** What an encoder of H.264 is told so that it keeps below a bitrate. */
export interface H264Aims {
  /** The most bits per second that flow into its buffer. */
  readonly maxRate: number;
  /** The buffer, in bits. */
  readonly bufferBits: number;
  /** Bits per second of one without constant quality. */
  readonly bitRate: number;
  /** Pictures from keyframe to keyframe. */
  readonly gop: number;
}

/** `maxBitrate`: the most bits in any second; `rate`: pictures per second. */
export function aims(maxBitrate: number, rate: number): H264Aims {
  // A full buffer and what flows in within a second make the most that comes in a second.
  const maxRate = Math.round(maxBitrate / (1 + BUFFER_SECONDS));
  return {
    maxRate,
    bufferBits: Math.round(maxRate * BUFFER_SECONDS),
    bitRate: Math.round(maxRate * AIM),
    gop: Math.round(rate * GOP_SECONDS),
  };
}
