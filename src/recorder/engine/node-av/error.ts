import { AV_LOG_QUIET } from "node-av/constants";
import { FFmpegError, getFFmpegInfo, Log, PosixError } from "node-av/lib";

// FFmpeg writes to the standard error of the process; what a user needs to know comes back as an error.
Log.setLevel(AV_LOG_QUIET);

/** "Not now": ask again. */
export const EAGAIN: number = FFmpegError.AVERROR(PosixError.EAGAIN);

/** An FFmpeg call failed. The message is FFmpeg's own text for the code, in lower case. */
export class FfmpegError extends Error {
  override readonly name = "FfmpegError";
  /** FFmpeg's error code: negative. */
  readonly code: number;

  constructor(code: number) {
    const text = FFmpegError.strerror(code);
    super(text.charAt(0).toLowerCase() + text.slice(1));
    this.code = code;
  }
}

/** `code` if it is not negative. @throws FfmpegError */
export function check(code: number): number {
  if (code < 0) throw new FfmpegError(code);
  return code;
}

/** The version of FFmpeg inside, as it calls itself. */
export function version(): string {
  return getFFmpegInfo().version;
}
