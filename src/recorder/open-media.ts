import type { Engine } from "./engine/engine.ts";
import { type EngineChoice, loadEngine } from "./engine/load-engine.ts";
import { failure } from "./failure.ts";
import type { MediaCapture, MediaCaptureParts } from "./media-capture.ts";

/**
 * A capture of what `open` opens, with FFmpeg, which is loaded for it.
 * @throws SourceError
 */
export async function openMedia(
  label: string,
  choice: EngineChoice | undefined,
  open: (engine: Engine) => Promise<Omit<MediaCaptureParts, "label" | "engine">>,
): Promise<MediaCapture> {
  try {
    const engine = await loadEngine(choice);
    const { MediaCapture } = await import("./media-capture.ts");
    return new MediaCapture({ label, engine, ...(await open(engine)) });
  } catch (error) {
    throw failure(`cannot open ${label}`, error);
  }
}
