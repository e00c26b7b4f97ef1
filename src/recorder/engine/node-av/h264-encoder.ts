import {
  AV_HWDEVICE_TYPE_VAAPI,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_VAAPI,
  AVCOL_PRI_BT709,
  AVCOL_PRI_UNSPECIFIED,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_SMPTE170M,
  AVCOL_SPC_UNSPECIFIED,
  AVCOL_TRC_IEC61966_2_1,
  AVCOL_TRC_UNSPECIFIED,
  AVERROR_EOF,
  type AVPixelFormat,
  type FFEncoderCodec,
} from "node-av/constants";
import { Codec, CodecContext, Dictionary, Rational } from "node-av/lib";
import type { EncoderName } from "../../encoder-name.ts";
import { Lane } from "../../lane.ts";
import type { AccessUnit, H264Encoder as H264EncoderPort, H264Options } from "../engine.ts";
import { aims } from "../h264-aims.ts";
import { X264_PRESETS } from "../x264-preset.ts";
import { check, EAGAIN, FfmpegError } from "./error.ts";
import { newPacket } from "./packet.ts";
import type { Picture } from "./picture.ts";
import { isSmall } from "./small-work.ts";
import { Uploader } from "./uploader.ts";

/** What to encode, and how well. Pictures are all like `like`, its size included. */
export type H264EncoderOptions = Omit<H264Options, "like" | "size"> & { readonly like: Picture };

interface CodecChoice {
  /** FFmpeg's name. */
  readonly codec: string;
  /** Encodes pictures in the memory of the graphics processor only. */
  readonly uploads?: boolean;
  /** Its own options: each picture out at once, a forced keyframe starts a decoder. */
  readonly options: Readonly<Record<string, string>>;
}

const CODECS: Readonly<Record<EncoderName, CodecChoice>> = {
  vaapi: { codec: "h264_vaapi", uploads: true, options: { async_depth: "1" } },
  nvenc: {
    codec: "h264_nvenc",
    options: { preset: "p2", tune: "ull", rc: "vbr", delay: "0", zerolatency: "1", "forced-idr": "1" },
  },
  qsv: { codec: "h264_qsv", options: { preset: "veryfast", async_depth: "1", forced_idr: "1" } },
  v4l2m2m: { codec: "h264_v4l2m2m", options: {} },
  videotoolbox: { codec: "h264_videotoolbox", options: { realtime: "1", prio_speed: "1" } },
  x264: {
    codec: "libx264",
    options: { tune: "zerolatency", crf: "23", "forced-idr": "1" },
  },
};

/** Turns pictures, all of one size and format, into H.264 without delay: no frame waits for a later one. */
export class H264Encoder implements H264EncoderPort {
  readonly #context: CodecContext;
  readonly #uploader: Uploader | undefined;
  readonly #inSoftware: boolean;
  readonly #packet = newPacket();
  readonly #lane = new Lane();
  #count = 0;
  #closed = false;

  private constructor(context: CodecContext, uploader: Uploader | undefined, inSoftware: boolean) {
    this.#context = context;
    this.#uploader = uploader;
    this.#inSoftware = inSoftware;
  }

  /** @throws FfmpegError if this encoder does not work here */
  static async open(name: EncoderName, options: H264EncoderOptions): Promise<H264Encoder> {
    const { codec: codecName, uploads, options: own } = CODECS[name];
    const codec = Codec.findEncoderByName(codecName as FFEncoderCodec);
    if (codec === null) throw new Error(`this build of FFmpeg has no ${codecName}`);
    const { like, rate, level, effort } = options;
    const { maxRate, bufferBits, bitRate, gop } = aims(options.maxBitrate, rate);
    const uploader =
      uploads === true ? Uploader.open(AV_HWDEVICE_TYPE_VAAPI, AV_PIX_FMT_VAAPI, like) : undefined;
    const context = new CodecContext();
    context.allocContext3(codec);
    try {
      context.width = like.width;
      context.height = like.height;
      context.pixelFormat = uploader?.format ?? (like.native.format as AVPixelFormat);
      if (uploader !== undefined) context.hwFramesCtx = uploader.frames;
      context.timeBase = new Rational(1000, Math.round(rate * 1000));
      context.framerate = new Rational(Math.round(rate * 1000), 1000);
      context.sampleAspectRatio = new Rational(1, 1);
      context.gopSize = gop;
      context.maxBFrames = 0;
      context.threadCount = 1;
      context.level = level;
      context.bitRate = BigInt(bitRate);
      context.rcMaxRate = BigInt(maxRate);
      context.rcBufferSize = bufferBits;
      nameColours(context, like);
      const preset: Record<string, string> = name === "x264" ? { preset: X264_PRESETS[effort] } : {};
      check(await context.open2(codec, Dictionary.fromObject({ ...own, ...preset })));
    } catch (error) {
      context.freeContext();
      uploader?.[Symbol.dispose]();
      throw error;
    }
    return new H264Encoder(context, uploader, name === "x264");
  }

  encode(picture: Picture, keyframe: boolean): Promise<AccessUnit[]> {
    return this.#lane.run(async () => {
      if (this.#closed) throw new FfmpegError(AVERROR_EOF);
      // Its own copy of the facts: others encode the same picture.
      using shared = this.#uploader === undefined ? picture.share() : await this.#uploader.upload(picture);
      const frame = shared.native;
      frame.pts = BigInt(this.#count++);
      frame.pictType = keyframe ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      const here = this.#inSoftware && isSmall(picture);
      check(here ? this.#context.sendFrameSync(frame) : await this.#context.sendFrame(frame));
      return this.#drain();
    });
  }

  flush(): Promise<AccessUnit[]> {
    return this.#lane.run(async () => {
      if (this.#closed) return [];
      check(await this.#context.sendFrame(null));
      return this.#drain();
    });
  }

  #drain(): AccessUnit[] {
    const units: AccessUnit[] = [];
    for (;;) {
      // Sending has encoded it: this only hands it over.
      const code = this.#context.receivePacketSync(this.#packet);
      if (code === EAGAIN || code === AVERROR_EOF) return units;
      check(code);
      units.push({ index: Number(this.#packet.pts), bytes: new Uint8Array(this.#packet.data ?? []) });
      this.#packet.unref();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lane.run(async () => {
      this.#context.freeContext();
      this.#packet.free();
      this.#uploader?.[Symbol.dispose]();
    });
  }
}

// Whoever decodes must not have to guess. What a picture does not say of itself it means as JPEG does: that is what
// cameras give, and then both tracks look the same.
function nameColours(context: CodecContext, { native }: Picture): void {
  const { colorSpace, colorPrimaries, colorTrc } = native;
  const full = native.colorRange === AVCOL_RANGE_JPEG;
  context.colorRange = native.colorRange;
  context.colorSpace = colorSpace === AVCOL_SPC_UNSPECIFIED ? AVCOL_SPC_SMPTE170M : colorSpace;
  context.colorPrimaries =
    full && colorPrimaries === AVCOL_PRI_UNSPECIFIED ? AVCOL_PRI_BT709 : colorPrimaries;
  context.colorTrc = full && colorTrc === AVCOL_TRC_UNSPECIFIED ? AVCOL_TRC_IEC61966_2_1 : colorTrc;
}
