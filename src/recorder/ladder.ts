import type { TrackInfo } from "../protocol/index.ts";
import { EncodedTrack } from "./encoded-track.ts";
import type { Encoding } from "./encoding.ts";
import type { Engine } from "./engine/engine.ts";
import type { Promised } from "./expected-track.ts";
import { H264Encoding } from "./h264-encoding.ts";
import { JpegEncoding } from "./jpeg-encoding.ts";
import { PICTURE_RUNGS, type Rung, stepsDown, VIDEO_RUNGS } from "./rung.ts";
import type { SourceOptions } from "./source.ts";

/**
 * All tracks that are made of a camera's pictures: JPEG and H.264 of the whole, where the camera gives none itself, and smaller
 * ones for those who have less room. A track that nobody wants costs nothing.
 */
export class Ladder {
  readonly #steps: readonly { readonly track: EncodedTrack; readonly rung?: Rung }[];

  /** `native`: name of the track that the camera gives itself. */
  constructor(
    engine: Engine,
    options: Pick<SourceOptions, "size" | "quality" | "encoder">,
    promised: Promised,
    native?: string,
  ) {
    const step = (encoding: Encoding, rung?: Rung): { track: EncodedTrack; rung?: Rung } => ({
      track: new EncodedTrack(encoding),
      ...(rung === undefined ? {} : { rung }),
    });
    this.#steps = [
      step(new JpegEncoding(engine, options, promised)),
      step(new H264Encoding(engine, options, promised)),
      ...VIDEO_RUNGS.map((rung) => step(new H264Encoding(engine, options, promised, rung), rung)),
      ...PICTURE_RUNGS.map((rung) => step(new JpegEncoding(engine, options, promised, rung), rung)),
    ].filter(({ track }) => track.info.name !== native);
  }

  /** All of them. */
  get tracks(): readonly EncodedTrack[] {
    return this.#steps.map(({ track }) => track);
  }

  /**
   * What is offered now: the whole, then what is clearly smaller, best first within a codec. `whole` is the size of the camera's
   * own track; without it, of the first that is made.
   */
  infos(whole?: Pick<TrackInfo, "width" | "height">): TrackInfo[] {
    const { width, height } = whole ?? this.#steps[0]?.track.info ?? {};
    const size = width === undefined || height === undefined ? undefined : { width, height };
    return this.#steps
      .filter(({ track, rung }) => {
        if (track.withdrawn) return false;
        return rung === undefined || (size !== undefined && stepsDown(rung, size));
      })
      .map(({ track }) => track.info);
  }
}
