import type { Size } from "../codec/index.ts";
import { Frame, Limits, type Micros, type TrackInfo } from "../protocol/index.ts";
import type { SourceFrame } from "./frame-source.ts";
import * as Jpeg from "./jpeg.ts";

/** Name of the track of a source's JPEG. */
export const JPEG_TRACK = "jpeg";

/** Bytes of the largest picture that fits into a frame on the wire. */
export const MAX_JPEG_BYTES: number = Limits.MAX_FRAME_BYTES - Frame.HEADER_BYTES;

/** The JPEG track of a source: lets whole pictures through and knows their size. */
export class JpegTrack {
  readonly #rate: number | undefined;
  #info: TrackInfo;
  #size: Size | undefined;
  #broken = 0;

  /** `rate` is what the source promises, in frames per second; `size` what it says before the first picture. */
  constructor(rate?: number, size?: Size) {
    this.#rate = rate === undefined ? undefined : Math.round(rate * 100) / 100;
    this.#size = size;
    this.#info = this.#describe();
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
    const size = Jpeg.size(payload);
    if (size?.width !== this.#size?.width || size?.height !== this.#size?.height) {
      this.#size = size;
      this.#info = this.#describe();
    }
    return { track: JPEG_TRACK, capturedAt, keyframe: true, discardable: false, payload };
  }

  #describe(): TrackInfo {
    const { width, height } = this.#size ?? {};
    return { name: JPEG_TRACK, codec: "jpeg", width, height, rate: this.#rate };
  }
}
