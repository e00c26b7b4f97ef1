import { failure } from "./failure.ts";
import type * as Ffmpeg from "./ffmpeg.ts";
import type { MediaCapture, MediaCaptureParts } from "./media-capture.ts";

/**
 * A capture of what `open` opens, with FFmpeg, which is loaded for it.
 * @throws SourceError
 */
export async function openMedia(
  label: string,
  open: (engine: typeof Ffmpeg) => Promise<Omit<MediaCaptureParts, "label">>,
): Promise<MediaCapture> {
  const engine = await import("./ffmpeg.ts");
  const { MediaCapture } = await import("./media-capture.ts");
  try {
    return new MediaCapture({ label, ...(await open(engine)) });
  } catch (error) {
    throw failure(`cannot open ${label}`, error);
  }
}
