import { type Frame, now } from "../protocol/index.ts";
import { type Decode, type Picture, sizeOf } from "./picture.ts";
import type { Pipeline, PipelineOptions } from "./pipeline.ts";

/**
 * Frames that each are a picture. The newest is decoded and painted; those that come until it is on the screen wait in a slot
 * for one, where a newer one replaces it.
 */
export class ImagePipeline implements Pipeline {
  readonly #options: PipelineOptions;
  readonly #decode: Decode;
  #slot: Frame.Frame | undefined;
  #busy = false;
  #run = 0;

  constructor(options: PipelineOptions, decode: Decode) {
    this.#options = options;
    this.#decode = decode;
  }

  put(frame: Frame.Frame): void {
    if (this.#slot !== undefined) this.#options.events.overwritten();
    this.#slot = frame;
    if (!this.#busy) void this.#next();
  }

  reset(): void {
    this.#run++;
    this.#slot = undefined;
    this.#options.painter.drop(this);
    // What is being decoded is for nobody, and ends by itself.
    this.#busy = false;
  }

  close(): void {
    this.reset();
  }

  async #next(): Promise<void> {
    const frame = this.#slot;
    this.#slot = undefined;
    this.#busy = frame !== undefined;
    if (frame === undefined) return;
    const run = this.#run;
    const beganAtMs = performance.now();
    try {
      const picture = await this.#decode(frame);
      if (run !== this.#run) {
        picture.close();
        return;
      }
      this.#paint(frame, picture);
      this.#options.events.worked(performance.now() - beganAtMs);
    } catch (error) {
      // A broken frame is done with; the picture before it stays.
      if (run === this.#run) this.#finish(frame, error);
    }
  }

  #paint(frame: Frame.Frame, picture: Picture): void {
    const { events, surfaces, painter } = this.#options;
    const size = sizeOf(picture);
    painter.put(this, {
      picture,
      surfaces,
      painted: () => {
        events.painted(frame, size, (now() - frame.capturedAt) / 1000);
        this.#finish(frame);
      },
      failed: (error) => this.#finish(frame, error),
      overwritten: () => {
        events.overwritten();
        this.#finish(frame);
      },
    });
  }

  // After a reset the track's number may be another track's: then nobody comes here.
  #finish(frame: Frame.Frame, error?: unknown): void {
    if (error !== undefined) this.#options.events.failed(error);
    this.#options.events.done(frame);
    void this.#next();
  }
}
