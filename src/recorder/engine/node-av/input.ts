import { AVERROR_EOF, AVFMT_FLAG_NONBLOCK, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { avGetCodecName, Dictionary, FormatContext, InputFormat, type Stream } from "node-av/lib";
import { Lane } from "../../lane.ts";
import type { InputOptions, Input as InputPort, VideoStream } from "../engine.ts";
import { check, EAGAIN, FfmpegError } from "./error.ts";
import { newPacket, Packet } from "./packet.ts";

/** A device, a stream or a file that is open for reading. */
export class Input implements InputPort {
  readonly #context: FormatContext;
  readonly #stream: Stream;
  readonly #lane = new Lane();
  readonly #device: boolean;
  // For the next packet: a device is asked far more often than it has one.
  #spare: ReturnType<typeof newPacket> | undefined;
  #closed = false;

  readonly video: VideoStream;

  private constructor(context: FormatContext, stream: Stream, device: boolean) {
    this.#context = context;
    this.#stream = stream;
    this.#device = device;
    const { codecpar } = stream;
    const { codecId, width, height, extradata } = codecpar;
    this.video = {
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

  async read(): Promise<Packet | undefined> {
    for (;;) {
      const native = newPacket();
      const code = this.#closed ? AVERROR_EOF : await this.#lane.run(() => this.#context.readFrame(native));
      if (code >= 0 && native.streamIndex === this.#stream.index)
        return Packet.from(native, this.#stream.timeBase);
      native.free();
      if (code === AVERROR_EOF) return undefined;
      if (code !== EAGAIN) check(code);
    }
  }

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
