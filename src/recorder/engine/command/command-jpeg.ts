import { Lane } from "../../lane.ts";
import type { EncoderOptions, JpegEncoder } from "../engine.ts";
import { quantizer } from "../quantizer.ts";
import { Coder } from "./coder.ts";
import type { Command } from "./command.ts";
import { ENCODER_PATIENCE, namedColours, pictureStream } from "./encoder-stream.ts";
import { JPEG_MATRIX, type MemoryPicture } from "./memory-picture.ts";

/** Bytes of the largest JPEG that is read; what the wire takes is less. */
const MAX_JPEG_BYTES = 64 * 1024 * 1024;

/** Turns pictures into JPEG, with a run of the command. */
export class CommandJpeg implements JpegEncoder {
  readonly #coder: Coder;
  readonly #lane = new Lane();
  #count = 0;

  constructor(
    { file, passthrough }: Command,
    { like, size: { width, height } }: Omit<EncoderOptions, "like"> & { readonly like: MemoryPicture },
    quality: number,
  ) {
    const matrix =
      like.matrix === JPEG_MATRIX ? "" : `:in_color_matrix=${like.matrix}:out_color_matrix=bt601`;
    this.#coder = new Coder({
      file,
      before: [],
      after: [
        "-vf",
        `${namedColours(like)},scale=${width}:${height}:in_range=pc:out_range=pc${matrix}`,
        ..."-pix_fmt yuvj420p -color_range pc -c:v mjpeg -huffman default -flags +bitexact -threads 1 -qmin 1 -q:v".split(
          " ",
        ),
        `${quantizer(quality)}`,
        ...passthrough,
      ],
      stream: pictureStream(like),
      reader: { maxPacketBytes: MAX_JPEG_BYTES },
      patience: ENCODER_PATIENCE,
    });
  }

  encode(picture: MemoryPicture): Promise<Uint8Array> {
    return this.#lane.run(async () => {
      const shared = picture.share();
      const packet = { bytes: shared.bytes, keyframe: true, ptsMicros: 40_000 * this.#count++ };
      const [jpeg] = await this.#coder.exchange(packet, () => shared[Symbol.dispose]());
      if (jpeg === undefined) throw new Error("the encoder did not answer in time");
      return jpeg.bytes;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane.run(() => this.#coder[Symbol.asyncDispose]());
  }
}
