import type { Frame } from "../protocol/index.ts";

/** A decoded frame. Whoever gets one closes it. */
export type Picture = ImageBitmap | VideoFrame;

/** Turns a frame into a picture; rejects if the frame is broken. */
export type Decode = (frame: Frame.Frame) => Promise<Picture>;

/** Bytes of a small picture. Of a large one the decoding itself is the work, and a bitmap is quicker to paint than a frame. */
const SMALL_BYTES = 32 * 1024;

/** Decoding to bitmaps has been seen to work where the other decoder failed. */
let distrusted = false;

/**
 * Decode a frame of a `jpeg` track. The browser does it beside the thread that asks, on plain http too. A blob goes through the
 * browser's main process and back, which costs four times as much as a small picture itself; so it is not used for
 * small ones where there is a decoder that takes bytes.
 */
export const decodeJpeg: Decode = async (frame) => {
  if (distrusted || !takesBytes() || frame.payload.byteLength > SMALL_BYTES) return decodeBlob(frame);
  try {
    return await decodeBytes(frame);
  } catch {
    // It is the frame that is broken, or the decoder.
    const picture = await decodeBlob(frame);
    distrusted = true;
    return picture;
  }
};

/** Pixels of a picture as it is to be seen. */
export function sizeOf(picture: Picture | OffscreenCanvas): {
  readonly width: number;
  readonly height: number;
} {
  // A bitmap that is closed has no size any more.
  if (!("displayWidth" in picture)) return { width: picture.width, height: picture.height };
  return { width: picture.displayWidth, height: picture.displayHeight };
}

// Part of WebCodecs: on plain http it is there on localhost only.
function takesBytes(): boolean {
  return typeof ImageDecoder === "function";
}

async function decodeBytes({ payload }: Frame.Frame): Promise<Picture> {
  const decoder = new ImageDecoder({ data: payload as Uint8Array<ArrayBuffer>, type: "image/jpeg" });
  try {
    return (await decoder.decode()).image;
  } finally {
    decoder.close();
  }
}

function decodeBlob({ payload }: Frame.Frame): Promise<Picture> {
  // Received bytes lie in an ArrayBuffer of their own, never in shared memory.
  return createImageBitmap(new Blob([payload as Uint8Array<ArrayBuffer>], { type: "image/jpeg" }));
}
