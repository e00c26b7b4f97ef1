/**
 * FFmpeg, as far as this program needs it, and the only file that imports node-av. Its low-level API is used
 * throughout: the high-level one hides read errors and blocks on a camera that has stalled. A context of FFmpeg
 * must never see two calls at once and never be freed during one (that is a crash, not an error), so every class
 * here runs its calls one after the other.
 *
 * Loading this file loads a library of 30 MB: sources that can do without it import it only when they need it.
 * @module
 */
import {
  AV_CODEC_FLAG_BITEXACT,
  AV_CODEC_FLAG_QSCALE,
  AV_CODEC_ID_MJPEG,
  AV_LOG_INFO,
  AV_LOG_QUIET,
  AV_NOPTS_VALUE,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUVJ420P,
  AVCOL_RANGE_JPEG,
  AVCOL_SPC_BT470BG,
  AVCOL_SPC_BT709,
  AVERROR_EOF,
  AVFMT_FLAG_NONBLOCK,
  AVMEDIA_TYPE_VIDEO,
} from "node-av/constants";
import {
  avGetCodecName,
  avGetPixFmtName,
  Codec,
  CodecContext,
  Device,
  Dictionary,
  FFmpegError,
  FormatContext,
  Frame,
  getFFmpegInfo,
  InputFormat,
  Log,
  Packet as NativePacket,
  PosixError,
  Rational,
  SoftwareScaleContext,
  type Stream,
} from "node-av/lib";
import { Lane } from "./lane.ts";

// FFmpeg writes to the standard error of the process; what a user needs to know comes back as an error.
Log.setLevel(AV_LOG_QUIET);

const EAGAIN = FFmpegError.AVERROR(PosixError.EAGAIN);
const MICROS_PER_SECOND = 1_000_000;
const QP_TO_LAMBDA = 118;

/** An FFmpeg call failed. The message is FFmpeg's own text for the code, in lower case. */
export class FfmpegError extends Error {
  override readonly name = "FfmpegError";
  /** FFmpeg's error code: negative. */
  readonly code: number;

  constructor(code: number) {
    const text = FFmpegError.strerror(code);
    super(text.charAt(0).toLowerCase() + text.slice(1));
    this.code = code;
  }
}

function check(code: number): number {
  if (code < 0) throw new FfmpegError(code);
  return code;
}

/** The version of FFmpeg inside, as it calls itself. */
export function version(): string {
  return getFFmpegInfo().version;
}

/** FFmpeg's name for the capture devices of this platform: `v4l2`, `avfoundation` or `dshow`. */
export function deviceFormat(): string {
  return Device.getVideoFormat();
}

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

/** One encoded packet. Dispose of it: it may hold a buffer of the driver. */
export class Packet implements Disposable {
  readonly native: NativePacket;
  /** When to show it, in µs of the input's own clock; absent if it does not say. */
  readonly ptsMicros: number | undefined;

  constructor(native: NativePacket, stream: Stream) {
    this.native = native;
    this.ptsMicros = toMicros(native.pts === AV_NOPTS_VALUE ? native.dts : native.pts, stream);
  }

  /** Its bytes, in memory of their own: a driver's buffer ends with the device. */
  copy(): Uint8Array {
    const data = this.native.data;
    return data === null ? new Uint8Array(0) : new Uint8Array(data);
  }

  [Symbol.dispose](): void {
    this.native.free();
  }
}

function toMicros(pts: bigint, stream: Stream): number | undefined {
  if (pts === AV_NOPTS_VALUE) return undefined;
  const { num, den } = stream.timeBase;
  return (Number(pts) * num * MICROS_PER_SECOND) / den;
}

/** A device, a stream or a file that is open for reading. */
export class Input implements AsyncDisposable {
  readonly #context: FormatContext;
  readonly #stream: Stream;
  readonly #lane = new Lane();
  readonly #device: boolean;
  // For the next packet: a device is asked far more often than it has one.
  #spare: NativePacket | undefined;
  #closed = false;

  /** What its picture is. */
  readonly video: VideoStream;

  private constructor(context: FormatContext, stream: Stream, device: boolean) {
    this.#context = context;
    this.#stream = stream;
    this.#device = device;
    const { codecId, width, height } = stream.codecpar;
    const rate = toRate(stream);
    this.video = { index: stream.index, codec: avGetCodecName(codecId) ?? "unknown", width, height, rate };
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
      if (code >= 0 && native.streamIndex === this.video.index) return new Packet(native, this.#stream);
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
    if (code >= 0) return new Packet(native, this.#stream);
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

function newPacket(): NativePacket {
  const native = new NativePacket();
  native.alloc();
  return native;
}

function toRate(stream: Stream): number | undefined {
  for (const { num, den } of [stream.avgFrameRate, stream.rFrameRate]) {
    const rate = num / den;
    // Containers that do not know say 0/0, or the tick of their clock.
    if (rate > 0 && rate <= 1000) return rate;
  }
  return undefined;
}

/** One decoded picture. Dispose of it. */
export class Picture implements Disposable {
  readonly native: Frame;
  /** When to show it, in µs of the input's own clock; absent if it does not say. */
  readonly ptsMicros: number | undefined;

  constructor(native: Frame, ptsMicros?: number) {
    this.native = native;
    this.ptsMicros = ptsMicros;
  }

  /** A picture to draw on, of what a JPEG holds: YUV 4:2:0 by ITU-R BT.601, full range. Every value is 0. */
  static blank(width: number, height: number): Picture {
    const native = new Frame();
    native.alloc();
    native.format = AV_PIX_FMT_YUVJ420P;
    native.colorRange = AVCOL_RANGE_JPEG;
    native.colorSpace = AVCOL_SPC_BT470BG;
    native.width = width;
    native.height = height;
    check(native.getBuffer());
    const picture = new Picture(native);
    for (const { bytes } of picture.planes) bytes.fill(0);
    return picture;
  }

  /** Pixels. */
  get width(): number {
    return this.native.width;
  }

  /** Pixels. */
  get height(): number {
    return this.native.height;
  }

  /** Whether it is what a JPEG holds: YUV 4:2:0 by ITU-R BT.601, full range. */
  get isJpeg(): boolean {
    const { format, colorSpace } = this.native;
    return format === AV_PIX_FMT_YUVJ420P && colorSpace !== AVCOL_SPC_BT709;
  }

  /** The planes themselves, not copies; rows are `stride` bytes apart. Not to be used after disposal. */
  get planes(): { readonly bytes: Uint8Array; readonly stride: number }[] {
    const strides = this.native.linesize;
    return (this.native.data ?? []).map((bytes, index) => ({ bytes, stride: strides[index] ?? 0 }));
  }

  [Symbol.dispose](): void {
    this.native.free();
  }
}

/** Turns the packets of one input into pictures. */
export class VideoDecoder implements AsyncDisposable {
  readonly #context: CodecContext;
  readonly #stream: Stream;
  readonly #lane = new Lane();
  #closed = false;

  private constructor(context: CodecContext, stream: Stream) {
    this.#context = context;
    this.#stream = stream;
  }

  /** @throws FfmpegError if there is no decoder for the input */
  static async open(input: Input): Promise<VideoDecoder> {
    const codec = Codec.findDecoder(input.stream.codecpar.codecId);
    const context = new CodecContext();
    context.allocContext3(codec);
    try {
      check(context.parametersToContext(input.stream.codecpar));
      // More threads would hold pictures back, and the recorder has only one camera to decode.
      context.threadCount = 1;
      check(await context.open2(codec, null));
    } catch (error) {
      context.freeContext();
      throw error;
    }
    return new VideoDecoder(context, input.stream);
  }

  /** The pictures that `packet` completes; `undefined` gives those still held, at the end. Broken packets give none. */
  decode(packet: Packet | undefined): Promise<Picture[]> {
    return this.#lane.run(async () => {
      if (this.#closed) return [];
      await this.#context.sendPacket(packet?.native ?? null);
      const pictures: Picture[] = [];
      for (;;) {
        const native = new Frame();
        native.alloc();
        if ((await this.#context.receiveFrame(native)) < 0) {
          native.free();
          return pictures;
        }
        pictures.push(new Picture(native, toMicros(native.bestEffortTimestamp, this.#stream)));
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#lane.run(async () => this.#context.freeContext());
  }
}

/** Converts pictures, of any size and format and each different, into what a JPEG holds, of one size. */
export class Scaler implements AsyncDisposable {
  readonly #context = new SoftwareScaleContext();
  readonly #target: Picture;
  readonly #lane = new Lane();

  constructor(width: number, height: number) {
    this.#target = Picture.blank(width, height);
    // Without a format set here it follows that of every picture, its colour space included.
    this.#context.allocContext();
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

/** Turns pictures (YUV 4:2:0, full range, all of one size) into JPEG. */
export class JpegEncoder implements AsyncDisposable {
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

  /** `picture` as a complete JPEG file. @throws FfmpegError */
  encode(picture: Picture): Promise<Uint8Array> {
    return this.#lane.run(async () => {
      if (this.#closed) throw new FfmpegError(AVERROR_EOF);
      const frame = picture.native;
      frame.pts = this.#count++;
      frame.quality = this.#lambda;
      frame.pictType = AV_PICTURE_TYPE_NONE;
      check(await this.#context.sendFrame(frame));
      check(await this.#context.receivePacket(this.#packet));
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

// libjpeg scales its tables by 5000/quality or 200 - 2 quality percent. FFmpeg scales the MPEG table by q/8; a
// percent of the former is about 0.075 q of the latter.
function quantizer(quality: number): number {
  const percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Math.min(31, Math.max(1, 0.075 * percent));
}

/** A capture device as the platform lists it. */
export interface RawDevice {
  /** What {@link Input.open} takes. */
  readonly path: string;
  /** For people. */
  readonly name: string;
}

/** One size of a device; `format` is absent where the picture is compressed. */
export interface RawMode {
  readonly format?: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly minRate: number;
  readonly maxRate: number;
}

/** The capture devices of this machine. */
export async function devices(): Promise<RawDevice[]> {
  const found = await Device.list();
  return found
    .filter((device) => device.type === "video")
    .map((device) => ({ path: device.name, name: device.description || device.name }));
}

/** The sizes that the device at `path` gives; none if it cannot be asked. */
export async function modes(path: string): Promise<RawMode[]> {
  const found = await Device.modes(path).catch(() => []);
  return found.map(({ width, height, minFrameRate, maxFrameRate, pixelFormat }) => ({
    format: pixelFormat < 0 ? undefined : (avGetPixFmtName(pixelFormat) ?? undefined),
    width,
    height,
    minRate: minFrameRate,
    maxRate: maxFrameRate,
  }));
}

/** What FFmpeg says when it lists the formats of a V4L2 device; the only way to learn which ones are compressed. */
export async function formatListing(path: string): Promise<string> {
  const text: string[] = [];
  Log.setCallback((_level, message) => text.push(message), { maxLevel: AV_LOG_INFO });
  try {
    const context = new FormatContext();
    context.allocContext();
    const options = Dictionary.fromObject({ list_formats: "all" });
    // It ends with "immediate exit requested" when all are listed.
    await context.openInput(path, InputFormat.findInputFormat("v4l2"), options);
    await context.closeInput();
    // Messages arrive on a later turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    Log.resetCallback();
    Log.setLevel(AV_LOG_QUIET);
  }
  return text.join("\n");
}
