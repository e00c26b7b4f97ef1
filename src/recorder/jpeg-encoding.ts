import type { Micros, TrackInfo } from "../protocol/index.ts";
import type { Encoding } from "./encoding.ts";
import type * as Engine from "./engine/engine.ts";
import { expectedJpeg, type Promised } from "./expected-track.ts";
import type { SourceFrame } from "./frame-source.ts";
import { JpegTrack } from "./jpeg-track.ts";
import { PictureEncoder } from "./picture-encoder.ts";
import { type Rung, rungSize } from "./rung.ts";
import type { SourceOptions } from "./source.ts";

/** Pictures as JPEG. */
export class JpegEncoding implements Encoding {
  readonly #track: JpegTrack;
  readonly #encoder: PictureEncoder;

  /** Without `rung` the whole pictures. */
  constructor(
    engine: Engine.Engine,
    { size, quality }: Pick<SourceOptions, "size" | "quality">,
    promised: Promised,
    rung?: Rung,
  ) {
    this.#track = new JpegTrack(expectedJpeg({ ...promised, size: size ?? promised.size }, rung));
    this.#encoder = new PictureEncoder(engine, {
      quality,
      sizeFor: (picture) => (rung === undefined ? (size ?? picture) : rungSize(rung, size ?? picture)),
    });
  }

  get info(): TrackInfo {
    return this.#track.info;
  }

  get broken(): number {
    return this.#track.broken;
  }

  async encode(picture: Engine.Picture, capturedAt: Micros): Promise<SourceFrame[]> {
    const frame = this.#track.frame(await this.#encoder.encode(picture), capturedAt);
    return frame === undefined ? [] : [frame];
  }

  /** Every JPEG is one. */
  keyframe(): void {}

  rest(): Promise<void> {
    return this.#encoder.rest();
  }
}
