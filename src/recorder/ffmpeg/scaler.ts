import { type AVPixelFormat, SWS_BILINEAR } from "node-av/constants";
import { SoftwareScaleContext } from "node-av/lib";
import { Lane } from "../lane.ts";
import { check } from "./error.ts";
import { Picture } from "./picture.ts";

/** Converts pictures of any size and format into YUV 4:2:0 of one size. */
export class Scaler implements AsyncDisposable {
  readonly #context = new SoftwareScaleContext();
  readonly #target: Picture;
  readonly #lane = new Lane();

  /**
   * `like` is a picture of the size and format that it will get. `layout` is how the result lies in memory: three planes
   * of full range, as a JPEG holds it, or two of the range of video, as encoders in hardware take it.
   */
  constructor(like: Picture, width: number, height: number, layout: "yuvj420p" | "nv12" = "yuvj420p") {
    this.#target = Picture.blank(width, height, layout);
    this.#target.takeColours(like);
    const { width: fromWidth, height: fromHeight } = like.native;
    const [from, to] = [like.native.format as AVPixelFormat, this.#target.native.format as AVPixelFormat];
    this.#context.getContext(fromWidth, fromHeight, from, width, height, to, SWS_BILINEAR);
  }

  /** `picture` converted. The result is valid until the next call. @throws FfmpegError */
  convert(picture: Picture): Promise<Picture> {
    return this.#lane.run(async () => {
      check(await this.#context.scaleFrame(this.#target.native, picture.native));
      return this.#target;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane.run(async () => {
      this.#context.freeContext();
      this.#target[Symbol.dispose]();
    });
  }
}
