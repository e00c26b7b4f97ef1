import type { Frame } from "../protocol/index.ts";

/** A decoded frame. Whoever gets one closes it. */
export type Picture = ImageBitmap;

/** Turns a frame into a picture; rejects if the frame is broken. */
export type Decode = (frame: Frame.Frame) => Promise<Picture>;

/** Decode a frame of a `jpeg` track. The browser does it beside the thread that asks, on plain http too. */
export const decodeJpeg: Decode = (frame) => {
  // Received bytes lie in an ArrayBuffer of their own, never in shared memory.
  const payload = frame.payload as Uint8Array<ArrayBuffer>;
  return createImageBitmap(new Blob([payload], { type: "image/jpeg" }));
};
