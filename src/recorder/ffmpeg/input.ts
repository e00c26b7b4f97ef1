import { AVERROR_EOF, AVFMT_FLAG_NONBLOCK, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { avGetCodecName, Dictionary, FormatContext, InputFormat, type Stream } from "node-av/lib";
import { Lane } from "../lane.ts";
import { check, EAGAIN, FfmpegError } from "./error.ts";
import { newPacket, Packet } from "./packet.ts";

/** The first video stream of an input, as the input really is. */
export interface VideoStream {
  readonly index: number;
  /** FFmpeg's name: `mjpeg`, `rawvideo`, `h264`. */
  readonly codec: string;
  /** Pixels. */
  readonly width: number;
  /** Pixels. */
  readonly height: number;
  /** Frames per second; absent where the input promises none. */
  readonly rate?: number | undefined;
  /** Its codec as WebCodecs names it, where FFmpeg knows. */
  readonly codecString?: string | undefined;
  /** Parameters of the codec that are not in its packets: avcC, hvcC, av1C, or parameter sets in Annex B. */
  readonly parameters?: Uint8Array | undefined;
}

/** How to open an {@link Input}. */
export interface InputOptions {
  /** FFmpeg's name of the container or device; absent: found out. */
  readonly format?: string | undefined;
  /** FFmpeg's options by name. Those that it does not know are ignored. */
  readonly options?: Readonly<Record<string, string>>;
  /** A capture device: {@link Input.readNow} never waits, and nothing is read to find out what it is. */
  readonly device?: boolean;
}

/** A device, a stream or a file that is open for reading. */
export class Input implements AsyncDisposable {
  readonly #context: FormatContext;
  readonly #stream: Stream;
  readonly #lane = new Lane();
  readonly #device: boolean;
  // For the next packet: a device is asked far more often than it has one.
  #spare: ReturnType<typeof newPacket> | undefined;
  #closed = false;

  /** What its picture is. */
  readonly video: VideoStream;

  private constructor(context: FormatContext, stream: Stream, device: boolean) {
    this.#context = context;
    this.#stream = stream;
    this.#device = device;
    const { codecpar } = stream;
    const { codecId, width, height, extradata } = codecpar;
    this.video = {
      index: stream.index,
      codec: avGetCodecName(codecId) ?? "unknown",
      width,
      height,
      rate: toRate(stream),
      codecString: codecpar.getCodecString() ?? undefined,
      parameters: extradata === null ? undefined : new Uint8Array(extradata),
    };
  }

  /**
   * Open `url`. Aborting `signal` ends it early.
   * @throws FfmpegError if it cannot be opened or has no video
   */
  static async open(url: string, options: InputOptions, signal: AbortSignal): Promise<Input> {
    signal.throwIfAborted();
    const context = new FormatContext();
    context.allocContext();
    // Before the device is opened: set later it has no effect, and reading from a stalled camera never returns.
    if (options.device === true) context.setFlags(AVFMT_FLAG_NONBLOCK);
    const format = options.format === undefined ? null : InputFormat.findInputFormat(options.format);
    const interrupt = (): void => context.interrupt();
    signal.addEventListener("abort", interrupt);
    try {
      check(await context.openInput(url, format, Dictionary.fromObject({ ...options.options })));
      if (options.device !== true) check(await context.findStreamInfo(null));
      signal.throwIfAborted();
      const index = check(context.findBestStream(AVMEDIA_TYPE_VIDEO));
      const stream = context.streams[index] as Stream;
      return new Input(context, stream, options.device === true);
    } catch (error) {
      await context.closeInput();
      throw error;
    } finally {
      signal.removeEventListener("abort", interrupt);
    }
  }

  /** The parameters that a decoder needs. */
  get stream(): Stream {
    return this.#stream;
  }

  /**
   * The next packet of the video, waiting for it; `undefined` at the end.
   * @throws FfmpegError if the input fails or was interrupted
   */
  async read(): Promise<Packet | undefined> {
    for (;;) {
      const native = newPacket();
      const code = this.#closed ? AVERROR_EOF : await this.#lane.run(() => this.#context.readFrame(native));
      if (code >= 0 && native.streamIndex === this.video.index)
        return Packet.from(native, this.#stream.timeBase);
      native.free();
      if (code === AVERROR_EOF) return undefined;
      if (code !== EAGAIN) check(code);
    }
  }

  /**
   * The next packet of a device if it has one now, else `undefined`. It never waits.
   * @throws FfmpegError if the device fails or is not there any more
   */
  readNow(): Packet | undefined {
    if (!this.#device) throw new TypeError("only a device can be read without waiting");
    if (this.#closed) throw new FfmpegError(AVERROR_EOF);
    const native = this.#spare ?? newPacket();
    const code = this.#context.readFrameSync(native);
    this.#spare = code >= 0 ? undefined : native;
    if (code >= 0) return Packet.from(native, this.#stream.timeBase);
    if (code !== EAGAIN) check(code);
    return undefined;
  }

  /** End a read that waits. The input is of no use after it. */
  interrupt(): void {
    if (!this.#closed) this.#context.interrupt();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#context.interrupt();
    this.#closed = true;
    this.#spare?.free();
    await this.#lane.run(() => this.#context.closeInput());
  }
}

function toRate(stream: Stream): number | undefined {
  for (const { num, den } of [stream.avgFrameRate, stream.rFrameRate]) {
    const rate = num / den;
    // Containers that do not know say 0/0, or the tick of their clock.
    if (rate > 0 && rate <= 1000) return rate;
  }
  return undefined;
}
