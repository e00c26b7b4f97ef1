import { AV_CODEC_ID_MJPEG } from "node-av/constants";
import { Codec, CodecContext, Frame } from "node-av/lib";
import { Lane } from "../../lane.ts";
import type { VideoDecoder as VideoDecoderPort } from "../engine.ts";
import { check } from "./error.ts";
import type { Input } from "./input.ts";
import type { Packet } from "./packet.ts";
import { Picture } from "./picture.ts";

/** Turns the packets of one input into pictures. */
export class VideoDecoder implements VideoDecoderPort {
  readonly #context: CodecContext;
  readonly #lane = new Lane();
  #closed = false;

  private constructor(context: CodecContext) {
    this.#context = context;
  }

  /** For the packets of `input`; without one, for JPEGs. @throws FfmpegError if there is no decoder */
  static async open(input?: Input): Promise<VideoDecoder> {
    const parameters = input?.stream.codecpar;
    const codec = Codec.findDecoder(parameters?.codecId ?? AV_CODEC_ID_MJPEG);
    const context = new CodecContext();
    context.allocContext3(codec);
    try {
      if (parameters !== undefined) check(context.parametersToContext(parameters));
      // More threads would hold pictures back, and the recorder has only one camera to decode.
      context.threadCount = 1;
      check(await context.open2(codec, null));
    } catch (error) {
      context.freeContext();
      throw error;
    }
    return new VideoDecoder(context);
  }

  decode(packet: Packet | undefined): Promise<Picture[]> {
    return this.#lane.run(async () => {
      if (this.#closed) return [];
      await this.#context.sendPacket(packet?.native ?? null);
      const pictures: Picture[] = [];
      for (;;) {
        const native = new Frame();
        native.alloc();
        // Sending has decoded it; only what is held back at the end is decoded by receiving.
        const receiving = packet === undefined ? this.#context.receiveFrame(native) : undefined;
        if ((receiving === undefined ? this.#context.receiveFrameSync(native) : await receiving) < 0) {
          native.free();
          return pictures;
        }
        pictures.push(new Picture(native));
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lane.run(async () => this.#context.freeContext());
  }
}
