import type { Size } from "../codec/index.ts";
import type { Micros, TrackInfo } from "../protocol/index.ts";
import type { Encoding } from "./encoding.ts";
import type * as Ffmpeg from "./ffmpeg.ts";
import type { SourceFrame } from "./frame-source.ts";
import { JpegTrack } from "./jpeg-track.ts";
import { PictureEncoder } from "./picture-encoder.ts";
import type { SourceOptions } from "./source.ts";

/** Pictures as JPEG. */
export class JpegEncoding implements Encoding {
  readonly #track: JpegTrack;
  readonly #encoder: PictureEncoder;

  /** `rate` and `size` are what the source promises. */
  constructor(options: Pick<SourceOptions, "size" | "quality">, rate?: number, size?: Size) {
    this.#track = new JpegTrack(rate, options.size ?? size);
    this.#encoder = new PictureEncoder(options);
  }

  get info(): TrackInfo {
    return this.#track.info;
  }

  get broken(): number {
    return this.#track.broken;
  }

  async encode(picture: Ffmpeg.Picture, capturedAt: Micros): Promise<SourceFrame[]> {
    const frame = this.#track.frame(await this.#encoder.encode(picture), capturedAt);
    return frame === undefined ? [] : [frame];
  }

  /** Every JPEG is one. */
  keyframe(): void {}

  rest(): Promise<void> {
    return this.#encoder.rest();
  }
}
