import type { Size } from "../codec/index.ts";
import * as Ffmpeg from "./ffmpeg.ts";
import { DEFAULT_QUALITY } from "./quality.ts";

/** Makes JPEGs of pictures of any size and format. Both may change from one picture to the next. */
export class PictureEncoder {
  readonly #sizeFor: (picture: Size) => Size;
  readonly #quality: number;
  #stages: Stages | undefined;

  /** `sizeFor`: of the JPEG of a picture. `quality`: 1 to 100. */
  constructor({
    sizeFor,
    quality,
  }: {
    readonly sizeFor: (picture: Size) => Size;
    readonly quality: number | undefined;
  }) {
    this.#sizeFor = sizeFor;
    this.#quality = quality ?? DEFAULT_QUALITY;
  }

  /** `picture` as a complete JPEG file. One call at a time. @throws FfmpegError */
  async encode(picture: Ffmpeg.Picture): Promise<Uint8Array> {
    const { width, height } = this.#sizeFor(picture);
    const { scaler, jpeg } = await this.#stagesFor(width, height);
    const fits = picture.isJpeg && picture.width === width && picture.height === height;
    return jpeg.encode(fits ? picture : await scaler.convert(picture));
  }

  async #stagesFor(width: number, height: number): Promise<Stages> {
    const present = this.#stages;
    if (present?.width === width && present.height === height) return present;
    await this.rest();
    const jpeg = await Ffmpeg.JpegEncoder.open(width, height, this.#quality);
    this.#stages = { width, height, jpeg, scaler: new Ffmpeg.Scaler(width, height) };
    return this.#stages;
  }

  /** Release what it works with; the next picture opens it again. */
  async rest(): Promise<void> {
    const stages = this.#stages;
    this.#stages = undefined;
    await stages?.jpeg[Symbol.asyncDispose]();
    await stages?.scaler[Symbol.asyncDispose]();
  }
}

/** What makes JPEGs of one size. */
interface Stages {
  readonly width: number;
  readonly height: number;
  readonly scaler: Ffmpeg.Scaler;
  readonly jpeg: Ffmpeg.JpegEncoder;
}
