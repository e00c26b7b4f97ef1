import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVERROR_EOF,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, Rational } from "node-av/lib";
import { Lane } from "../../lane.ts";
import type { JpegEncoder as JpegEncoderPort } from "../engine.ts";
import { quantizer } from "../quantizer.ts";
import { check, FfmpegError } from "./error.ts";
import { MICROS_PER_SECOND, newPacket } from "./packet.ts";
import type { Picture } from "./picture.ts";
import { isSmall } from "./small-work.ts";

const QP_TO_LAMBDA = 118;

/** Turns pictures (YUV 4:2:0, full range, all of one size) into JPEG. */
export class JpegEncoder implements JpegEncoderPort {
  readonly #context: CodecContext;
  readonly #packet = newPacket();
  readonly #lambda: number;
  readonly #lane = new Lane();
  #count = 0n;
  #closed = false;

  private constructor(context: CodecContext, lambda: number) {
    this.#context = context;
    this.#lambda = lambda;
  }

  /** `quality` is 1 to 100, about as in libjpeg. @throws FfmpegError */
  static async open(width: number, height: number, quality: number): Promise<JpegEncoder> {
    const codec = Codec.findEncoder(AV_CODEC_ID_MJPEG);
    const context = new CodecContext();
    context.allocContext3(codec);
    const lambda = Math.round(quantizer(quality) * QP_TO_LAMBDA);
    context.width = width;
    context.height = height;
    context.pixelFormat = AV_PIX_FMT_YUVJ420P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, MICROS_PER_SECOND);
    context.sampleAspectRatio = new Rational(1, 1);
    context.threadCount = 1;
    context.qMin = 1;
    context.globalQuality = lambda;
    context.setFlags(AV_CODEC_FLAG_QSCALE, AV_CODEC_FLAG_BITEXACT);
    const options = Dictionary.fromObject({ huffman: "default" });
    const code = await context.open2(codec, options);
    if (code < 0) {
      context.freeContext();
      throw new FfmpegError(code);
    }
    return new JpegEncoder(context, lambda);
  }

  encode(picture: Picture): Promise<Uint8Array> {
    return this.#lane.run(async () => {
      if (this.#closed) throw new FfmpegError(AVERROR_EOF);
      const frame = picture.native;
      frame.pts = this.#count++;
      frame.quality = this.#lambda;
      frame.pictType = AV_PICTURE_TYPE_NONE;
      check(isSmall(picture) ? this.#context.sendFrameSync(frame) : await this.#context.sendFrame(frame));
      // Sending has encoded it: this only hands it over.
      check(this.#context.receivePacketSync(this.#packet));
      const bytes = new Uint8Array(this.#packet.data ?? []);
      this.#packet.unref();
      return bytes;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lane.run(async () => {
      this.#context.freeContext();
      this.#packet.free();
    });
  }
}
