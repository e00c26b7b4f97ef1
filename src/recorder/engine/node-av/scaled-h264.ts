import type { EncoderName } from "../../encoder-name.ts";
import type { AccessUnit, H264Encoder as H264EncoderPort, H264Options } from "../engine.ts";
import { H264Encoder } from "./h264-encoder.ts";
import { Picture } from "./picture.ts";
import { Scaler } from "./scaler.ts";

/** An encoder with what brings pictures into the size and format that it takes. */
export class ScaledH264 implements H264EncoderPort {
  readonly #encoder: H264Encoder;
  readonly #scaler: Scaler | undefined;

  private constructor(encoder: H264Encoder, scaler: Scaler | undefined) {
    this.#encoder = encoder;
    this.#scaler = scaler;
  }

  /** @throws FfmpegError if this encoder does not work here */
  static async open(
    name: EncoderName,
    { like: picture, size, ...rest }: Omit<H264Options, "like"> & { readonly like: Picture },
  ): Promise<ScaledH264> {
    const { width, height } = size;
    const fits = picture.width === width && picture.height === height;
    const layout = name === "x264" ? "yuvj420p" : "nv12";
    const planar = picture.format === "yuvj420p" || picture.format === "yuv420p";
    const direct = fits && (name === "x264" ? planar : picture.format === layout);
    using like = direct ? picture.share() : Picture.blank(width, height, layout);
    if (!direct) like.takeColours(picture);
    const encoder = await H264Encoder.open(name, { like, ...rest });
    return new ScaledH264(encoder, direct ? undefined : new Scaler(width, height, { layout, like: picture }));
  }

  async encode(picture: Picture, keyframe: boolean): Promise<AccessUnit[]> {
    const input = this.#scaler === undefined ? picture : await this.#scaler.convert(picture);
    return this.#encoder.encode(input, keyframe);
  }

  flush(): Promise<AccessUnit[]> {
    return this.#encoder.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#encoder[Symbol.asyncDispose]();
    await this.#scaler?.[Symbol.asyncDispose]();
  }
}
