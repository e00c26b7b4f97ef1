import { SoftwareScaleContext } from "node-av/lib";
import { Lane } from "../../lane.ts";
import { check } from "./error.ts";
import { Picture } from "./picture.ts";
import { isSmall } from "./small-work.ts";

/** Converts pictures, of any size and format and each different, into YUV 4:2:0 of one size. */
export class Scaler implements AsyncDisposable {
  readonly #context = new SoftwareScaleContext();
  readonly #target: Picture;
  readonly #lane = new Lane();

  /**
   * `layout` is how the result lies in memory: three planes of full range, as a JPEG holds it, or two of the range of
   * video, as encoders in hardware take it. Its colours mean what those of `like` mean; without `like`, what a JPEG's do.
   */
  constructor(
    width: number,
    height: number,
    { layout = "yuvj420p", like }: { readonly layout?: "yuvj420p" | "nv12"; readonly like?: Picture } = {},
  ) {
    this.#target = Picture.blank(width, height, layout);
    if (like !== undefined) this.#target.takeColours(like);
    // Without a format set here it follows that of every picture, its colour space included.
    this.#context.allocContext();
  }

  /** `picture` converted. The result is valid until the next call. @throws FfmpegError */
  convert(picture: Picture): Promise<Picture> {
    return this.#lane.run(async () => {
      const [target, source] = [this.#target.native, picture.native];
      const here = isSmall(picture);
      check(
        here ? this.#context.scaleFrameSync(target, source) : await this.#context.scaleFrame(target, source),
      );
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
