import type { Size } from "../codec/index.ts";
import type { Engine, JpegEncoder, Picture } from "./engine/engine.ts";
import { DEFAULT_QUALITY } from "./quality.ts";

/** Makes JPEGs of pictures of any size and format. Both may change from one picture to the next. */
export class PictureEncoder {
  readonly #engine: Engine;
  readonly #sizeFor: (picture: Size) => Size;
  readonly #quality: number;
  #present: Present | undefined;

  /** `sizeFor`: of the JPEG of a picture. `quality`: 1 to 100. */
  constructor(
    engine: Engine,
    { sizeFor, quality }: { readonly sizeFor: (picture: Size) => Size; readonly quality: number | undefined },
  ) {
    this.#engine = engine;
    this.#sizeFor = sizeFor;
    this.#quality = quality ?? DEFAULT_QUALITY;
  }

  /** `picture` as a complete JPEG file. One call at a time. @throws Error */
  async encode(picture: Picture): Promise<Uint8Array> {
    const size = this.#sizeFor(picture);
    const key = `${picture.width}x${picture.height} ${picture.format} ${size.width}x${size.height}`;
    if (this.#present?.key !== key) {
      await this.rest();
      this.#present = {
        key,
        encoder: await this.#engine.openJpegEncoder({ like: picture, size }, this.#quality),
      };
    }
    return this.#present.encoder.encode(picture);
  }

  /** Release what it works with; the next picture opens it again. */
  async rest(): Promise<void> {
    const present = this.#present;
    this.#present = undefined;
    await present?.encoder[Symbol.asyncDispose]();
  }
}

/** The encoder for the pictures at hand. */
interface Present {
  readonly key: string;
  readonly encoder: JpegEncoder;
}
