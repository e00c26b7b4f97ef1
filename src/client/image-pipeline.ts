import { type Frame, now } from "../protocol/index.ts";
import type { Decode, Picture } from "./picture.ts";
import type { Pipeline, PipelineOptions } from "./pipeline.ts";

/**
 * Frames that each are a picture. The newest is decoded and painted; those that come during a decode wait in a slot
 * for one, where a newer one replaces it.
 */
export class ImagePipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #decode: Decode;
  #slot: Frame.Frame | undefined;
  #decoding = false;
  #run = 0;

  constructor(options: PipelineOptions, decode: Decode) {
    this.#options = options;
    this.#decode = decode;
  }

  put(frame: Frame.Frame): void {
    if (this.#slot !== undefined) this.#options.events.overwritten();
    this.#slot = frame;
    if (!this.#decoding) void this.#drain();
  }

  reset(): void {
    this.#run++;
    this.#slot = undefined;
  }

  close(): void {
    this.reset();
  }

  async #drain(): Promise<void> {
    const { events } = this.#options;
    this.#decoding = true;
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) {
      const run = this.#run;
      let picture: Picture | undefined;
      try {
        picture = await this.#decode(frame);
        if (run === this.#run) this.#paint(frame, picture);
      } catch (error) {
        // A broken frame is done with; the picture before it stays.
        events.failed(error);
      } finally {
        picture?.close();
      }
      // After a reset the track's number may be another track's.
      if (run === this.#run) events.done(frame);
    }
    this.#decoding = false;
  }

  #take(): Frame.Frame | undefined {
    const frame = this.#slot;
    this.#slot = undefined;
    return frame;
  }

  #paint(frame: Frame.Frame, picture: Picture): void {
    for (const surface of this.#options.surfaces) surface.paint(picture);
    this.#options.events.painted(frame, picture, (now() - frame.capturedAt) / 1000);
  }
}
