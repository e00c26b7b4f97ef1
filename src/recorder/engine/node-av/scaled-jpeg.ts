import type { EncoderOptions, JpegEncoder as JpegEncoderPort } from "../engine.ts";
import { JpegEncoder } from "./jpeg-encoder.ts";
import type { Picture } from "./picture.ts";
import { Scaler } from "./scaler.ts";

/** An encoder with what brings pictures into the size and colours of its JPEG. */
export class ScaledJpeg implements JpegEncoderPort {
  readonly #encoder: JpegEncoder;
  readonly #scaler: Scaler | undefined;

  private constructor(encoder: JpegEncoder, scaler: Scaler | undefined) {
    this.#encoder = encoder;
    this.#scaler = scaler;
  }

  /** @throws FfmpegError */
  static async open(
    { like, size: { width, height } }: Omit<EncoderOptions, "like"> & { readonly like: Picture },
    quality: number,
  ): Promise<ScaledJpeg> {
    const fits = like.isJpeg && like.width === width && like.height === height;
    const encoder = await JpegEncoder.open(width, height, quality);
    return new ScaledJpeg(encoder, fits ? undefined : new Scaler(width, height));
  }

  async encode(picture: Picture): Promise<Uint8Array> {
    return this.#encoder.encode(this.#scaler === undefined ? picture : await this.#scaler.convert(picture));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#encoder[Symbol.asyncDispose]();
    await this.#scaler?.[Symbol.asyncDispose]();
  }
}
