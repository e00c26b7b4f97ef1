import { createSource } from "../../src/recorder/create-source.ts";
import type { Capture, SourceFrame } from "../../src/recorder/frame-source.ts";
import type { SourceOptions } from "../../src/recorder/source.ts";

/** The frames of the `wanted` tracks of a source, until `done`. */
export async function watchSource(
  source: string,
  wanted: readonly string[],
  done: (frames: readonly SourceFrame[], capture: Capture) => boolean,
  options: SourceOptions = {},
): Promise<{ frames: SourceFrame[]; capture: Capture }> {
  const stopping = new AbortController();
  await using capture = await createSource(source, options).open(stopping.signal);
  capture.want(new Set(wanted));
  const frames: SourceFrame[] = [];
  for await (const frame of capture.frames(stopping.signal)) {
    frames.push(frame);
    if (done(frames, capture)) stopping.abort();
  }
  return { frames, capture };
}
