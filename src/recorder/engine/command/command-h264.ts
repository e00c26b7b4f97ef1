import { existsSync } from "node:fs";
import type { EncoderName } from "../../encoder-name.ts";
import { Lane } from "../../lane.ts";
import type { AccessUnit, H264Encoder, H264Options } from "../engine.ts";
import { aims } from "../h264-aims.ts";
import { X264_PRESETS } from "../x264-preset.ts";
import { Coder } from "./coder.ts";
import type { Command } from "./command.ts";
import { ENCODER_PATIENCE, namedColours, pictureStream } from "./encoder-stream.ts";
import type { MemoryPicture } from "./memory-picture.ts";
import type { NutPacket } from "./nut-stream.ts";

/** Bytes of the largest access unit that is read; what the wire takes is less. */
const MAX_UNIT_BYTES = 64 * 1024 * 1024;

/** The first graphics processor: what the command's library would take too, which has to be named here. */
const RENDER_NODE = "/dev/dri/renderD128";

/** How FFmpeg calls an encoder, and its own options: each picture out at once, a forced keyframe starts a decoder. */
interface Codec {
  readonly args: readonly string[];
  /** What has to be there; to look for it costs less than to start a program that fails. */
  readonly needs?: string;
  /** In front of everything. */
  readonly before?: readonly string[];
  /** Behind scaling; absent: planes of full range. */
  readonly format?: string;
}

const words = (text: string): string[] => text.split(" ");

const CODECS: Readonly<Record<EncoderName, Codec>> = {
  vaapi: {
    needs: RENDER_NODE,
    before: ["-vaapi_device", RENDER_NODE],
    args: words("-c:v h264_vaapi -async_depth 1"),
    format: "format=nv12,hwupload",
  },
  nvenc: {
    ...(process.platform === "linux" ? { needs: "/dev/nvidiactl" } : {}),
    args: words("-c:v h264_nvenc -preset p2 -tune ull -rc vbr -delay 0 -zerolatency 1 -forced-idr 1"),
    format: "format=nv12",
  },
  qsv: {
    ...(process.platform === "linux" ? { needs: "/dev/dri" } : {}),
    args: words("-c:v h264_qsv -preset veryfast -async_depth 1 -forced_idr 1"),
    format: "format=nv12",
  },
  // Boards have several nodes for it; their first is here where any is.
  v4l2m2m: { needs: "/sys/class/video4linux", args: words("-c:v h264_v4l2m2m"), format: "format=nv12" },
  videotoolbox: { args: words("-c:v h264_videotoolbox -realtime 1 -prio_speed 1"), format: "format=nv12" },
  x264: { args: words("-c:v libx264 -tune zerolatency -crf 23 -forced-idr 1") },
};

/**
 * Turns pictures into H.264, with a run of the command. A wish for a keyframe has to reach an encoder that is running,
 * and the command takes no orders: so it travels in the lowest bit of the picture's time, which is odd for a keyframe.
 */
export class CommandH264 implements H264Encoder {
  readonly #coder: Coder;
  readonly #lane = new Lane();
  readonly #intervalMicros: number;
  /** Which picture has which time, of those that are not answered. */
  readonly #indexes = new Map<number, number>();
  #count = 0;

  private constructor(
    { file, passthrough }: Command,
    name: EncoderName,
    options: Omit<H264Options, "like"> & { readonly like: MemoryPicture },
  ) {
    const { like, size, rate, level, effort } = options;
    const { before = [], args, format } = CODECS[name];
    const { maxRate, bufferBits, bitRate, gop } = aims(options.maxBitrate, rate);
    const range = format === undefined ? "pc" : "tv";
    const scale = `scale=${size.width}:${size.height}:in_range=pc:out_range=${range}`;
    this.#intervalMicros = 1_000_000 / rate;
    this.#coder = new Coder({
      file,
      before,
      after: [
        "-vf",
        [namedColours(like), scale, format ?? "format=yuv420p"].join(","),
        ...args,
        ...(name === "x264"
          ? ["-preset", X264_PRESETS[effort], "-x264-params", `fps=${rate}`]
          : ["-b:v", `${bitRate}`]),
        ..."-bf 0 -threads 1 -force_key_frames expr:mod(round(t*1000000),2)".split(" "),
        ...`-maxrate ${maxRate} -bufsize ${bufferBits} -g ${gop} -level:v ${level}`.split(" "),
        ...passthrough,
      ],
      stream: pictureStream(like),
      reader: { maxPacketBytes: MAX_UNIT_BYTES },
      patience: ENCODER_PATIENCE,
    });
  }

  /** An encoder that works here. @throws Error if it does not */
  static async open(
    command: Command,
    name: EncoderName,
    options: Omit<H264Options, "like"> & { readonly like: MemoryPicture },
  ): Promise<CommandH264> {
    const { needs } = CODECS[name];
    if (needs !== undefined && !existsSync(needs)) throw new Error(`there is no ${needs}`);
    // The command says only when it is given a picture whether its encoder works. In software all do that it has.
    if (name !== "x264") {
      await using trial = new CommandH264(command, name, options);
      const units = [...(await trial.encode(options.like, true)), ...(await trial.flush())];
      if (units.length === 0) throw new Error("it gives no picture");
    } else if (!(await command.encoders()).has("libx264")) {
      throw new Error(`${command.file} has no libx264`);
    }
    return new CommandH264(command, name, options);
  }

  encode(picture: MemoryPicture, keyframe: boolean): Promise<AccessUnit[]> {
    return this.#lane.run(async () => {
      const index = this.#count++;
      // The first one is a keyframe anyway, and the command counts time from it.
      const odd = keyframe && index > 0 ? 1 : 0;
      const ptsMicros = 2 * Math.round((index * this.#intervalMicros) / 2) + odd;
      this.#indexes.set(ptsMicros, index);
      const shared = picture.share();
      const packet = { bytes: shared.bytes, keyframe: true, ptsMicros };
      return this.#units(await this.#coder.exchange(packet, () => shared[Symbol.dispose]()));
    });
  }

  flush(): Promise<AccessUnit[]> {
    return this.#lane.run(async () => this.#units(await this.#coder.flush()));
  }

  #units(packets: readonly NutPacket[]): AccessUnit[] {
    return packets.flatMap(({ ptsMicros, keyframe, bytes }) => {
      const pts = Math.round(ptsMicros);
      const index = this.#indexes.get(pts);
      this.#indexes.delete(pts);
      if (index === undefined) return [];
      const sets = keyframe ? this.#coder.output?.parameters : undefined;
      return [{ index, bytes: sets === undefined ? bytes : Buffer.concat([sets, bytes]) }];
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lane.run(() => this.#coder[Symbol.asyncDispose]());
  }
}
