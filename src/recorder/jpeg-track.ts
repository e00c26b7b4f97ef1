import type { Size } from "../codec/index.ts";
import { Frame, Limits, type Micros, type TrackInfo } from "../protocol/index.ts";
import type { SourceFrame } from "./frame-source.ts";
import * as Jpeg from "./jpeg.ts";

/** Bytes of the largest picture that fits into a frame on the wire. */
export const MAX_JPEG_BYTES: number = Limits.MAX_FRAME_BYTES - Frame.HEADER_BYTES;

/** A JPEG track of a source: lets whole pictures through and knows their size. */
export class JpegTrack {
  #info: TrackInfo;
  #broken = 0;

  /** `expected`: what it will be. */
  constructor(expected: TrackInfo) {
    this.#info = expected;
  }

  /** The track as it is now. Another object when the size changes. */
  get info(): TrackInfo {
    return this.#info;
  }

  /** Pictures that were not let through. */
  get broken(): number {
    return this.#broken;
  }

  /** The frame of a picture; `undefined` if the picture is damaged or too large. */
  frame(bytes: Uint8Array, capturedAt: Micros): SourceFrame | undefined {
    const payload = Jpeg.complete(bytes);
    if (payload === undefined || payload.byteLength > MAX_JPEG_BYTES) {
      this.#broken++;
      return undefined;
    }
    this.#describe(Jpeg.size(payload));
    return { track: this.#info.name, capturedAt, keyframe: true, discardable: false, payload };
  }

  #describe(size: Size | undefined): void {
    const { width, height } = this.#info;
    if (size?.width === width && size?.height === height) return;
    this.#info = { ...this.#info, width: size?.width, height: size?.height };
  }
}
