import * as Ffmpeg from "./ffmpeg.ts";
import type { Size } from "./jpeg.ts";
import { DEFAULT_QUALITY } from "./quality.ts";
import type { SourceOptions } from "./source.ts";

/** The one format that {@link Ffmpeg.JpegEncoder} takes. */
const JPEG_FORMAT = "yuvj420p";

/** Makes JPEGs of pictures of any size and format. Both may change from one picture to the next. */
export class PictureEncoder {
  readonly #size: Size | undefined;
  readonly #quality: number;
  #encoder: { readonly jpeg: Ffmpeg.JpegEncoder; readonly size: Size } | undefined;
  #scaler: { readonly scaler: Ffmpeg.Scaler; readonly key: string } | undefined;

  /** Without `size` a JPEG has the size of its picture. */
  constructor({ size, quality }: Pick<SourceOptions, "size" | "quality">) {
    this.#size = size;
    this.#quality = quality ?? DEFAULT_QUALITY;
  }

  /** `picture` as a complete JPEG file. One call at a time. @throws FfmpegError */
  async encode(picture: Ffmpeg.Picture): Promise<Uint8Array> {
    const size = this.#size ?? { width: picture.width, height: picture.height };
    const jpeg = await this.#encoderFor(size);
    return jpeg.encode(await this.#convert(picture, size));
  }

  async #encoderFor(size: Size): Promise<Ffmpeg.JpegEncoder> {
    const present = this.#encoder;
    if (present?.size.width === size.width && present.size.height === size.height) return present.jpeg;
    await present?.jpeg[Symbol.asyncDispose]();
    this.#encoder = undefined;
    const jpeg = await Ffmpeg.JpegEncoder.open(size.width, size.height, this.#quality);
    this.#encoder = { jpeg, size };
    return jpeg;
  }

  async #convert(picture: Ffmpeg.Picture, { width, height }: Size): Promise<Ffmpeg.Picture> {
    if (picture.format === JPEG_FORMAT && picture.width === width && picture.height === height)
      return picture;
    const key = `${picture.width}x${picture.height} ${picture.format} ${width}x${height}`;
    if (this.#scaler?.key !== key) {
      await this.#scaler?.scaler[Symbol.asyncDispose]();
      this.#scaler = { scaler: new Ffmpeg.Scaler(picture, width, height), key };
    }
    return this.#scaler.scaler.convert(picture);
  }

  /** Release what it works with; the next picture opens it again. */
  async rest(): Promise<void> {
    const [encoder, scaler] = [this.#encoder, this.#scaler];
    this.#encoder = undefined;
    this.#scaler = undefined;
    await encoder?.jpeg[Symbol.asyncDispose]();
    await scaler?.scaler[Symbol.asyncDispose]();
  }
}
