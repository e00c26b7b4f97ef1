import type { Coded } from "./command-decoder.ts";
import { JPEG_MATRIX, type MemoryPicture } from "./memory-picture.ts";

/** Milliseconds that an encoder may take for a picture; then it is one that holds some back. Of the first the program prepares itself. */
export const ENCODER_PATIENCE = { firstMs: 10_000, laterMs: 1000 };

/** Pictures as they are written to an encoder. */
export function pictureStream({ width, height }: MemoryPicture): Coded {
  return { tag: Buffer.from("I420"), width, height, delay: 0, parameters: new Uint8Array(0) };
}

/** What says to FFmpeg's filters which colours the numbers of such pictures mean: the container does not. */
export function namedColours({ matrix }: MemoryPicture): string {
  const jpeg = matrix === JPEG_MATRIX;
  const rest = jpeg ? ":color_primaries=bt709:color_trc=iec61966-2-1" : "";
  return `setparams=range=pc:colorspace=${matrix}${rest}`;
}
