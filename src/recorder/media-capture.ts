import type { Micros, TrackInfo } from "../protocol/index.ts";
import { failure } from "./failure.ts";
import * as Ffmpeg from "./ffmpeg.ts";
import type { Capture, CaptureCounters, SourceFrame } from "./frame-source.ts";
import { JpegTrack } from "./jpeg-track.ts";
import { Newest } from "./newest.ts";
import { PictureEncoder } from "./picture-encoder.ts";
import { RateLimit } from "./rate-limit.ts";
import type { SourceOptions } from "./source.ts";

/** How packets come from an input: what differs between a device, a stream and a file. */
export interface Feed {
  /** The next packet; `undefined` at the end, or when `signal` aborts. @throws SourceError */
  next(signal: AbortSignal): Promise<Ffmpeg.Packet | undefined>;

  /** When the frame that the input shows at `ptsMicros` was captured. A file waits here until it is time. */
  capturedAt(ptsMicros: number | undefined, signal: AbortSignal): Micros | Promise<Micros>;
}

/** What a {@link MediaCapture} works on. */
export interface MediaCaptureParts {
  /** The capture closes it. */
  readonly input: Ffmpeg.Input;
  readonly feed: Feed;
  /** For messages. */
  readonly label: string;
  /** Encode even what is JPEG already: somebody asked for another size or quality. */
  readonly encode: boolean;
  readonly options: Pick<SourceOptions, "size" | "quality" | "rate">;
}

/** A decoded picture on its way to the encoder. */
interface Shot {
  readonly picture: Ffmpeg.Picture;
  readonly capturedAt: Micros;
}

/**
 * The pictures of an input of FFmpeg as JPEG. JPEG passes through untouched. All else is decoded as it comes and
 * encoded as fast as the encoder can: reading never waits for encoding, the newest picture wins.
 */
export class MediaCapture implements Capture {
  readonly #parts: MediaCaptureParts;
  readonly #untouched: boolean;
  readonly #track: JpegTrack;
  readonly #limit: RateLimit;
  readonly #encoder: PictureEncoder;
  readonly #shots = new Newest<Shot>((shot) => shot.picture[Symbol.dispose]());
  readonly #frames = new Newest<SourceFrame>();
  readonly #stopping = new AbortController();
  #decoder: Ffmpeg.VideoDecoder | undefined;
  #work: Promise<unknown> = Promise.resolve();

  private constructor(parts: MediaCaptureParts) {
    const { video } = parts.input;
    const { size, rate } = parts.options;
    this.#parts = parts;
    this.#untouched = video.codec === "mjpeg" && !parts.encode;
    const promised = rate === undefined ? video.rate : Math.min(rate, video.rate ?? rate);
    this.#track = new JpegTrack(promised, (this.#untouched ? undefined : size) ?? video);
    this.#limit = new RateLimit(rate);
    this.#encoder = new PictureEncoder(parts.options);
  }

  /** Takes `parts.input` over: it is closed if this fails. @throws SourceError if its video cannot be decoded */
  static async open(parts: MediaCaptureParts): Promise<MediaCapture> {
    const capture = new MediaCapture(parts);
    if (capture.#untouched) return capture;
    try {
      capture.#decoder = await Ffmpeg.VideoDecoder.open(parts.input);
    } catch (error) {
      await parts.input[Symbol.asyncDispose]();
      throw failure(`cannot decode the ${parts.input.video.codec} video of ${parts.label}`, error);
    }
    return capture;
  }

  get tracks(): readonly TrackInfo[] {
    return this.#track.tracks;
  }

  get counters(): CaptureCounters {
    const overwritten = this.#shots.overwritten + this.#frames.overwritten;
    return { overwritten, broken: this.#track.broken };
  }

  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    const stop = (): void => this.#stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    this.#work = Promise.all([this.#read(), this.#encode()]);
    try {
      for (;;) {
        const frame = await this.#frames.take();
        if (frame === undefined || signal.aborted) return;
        yield frame;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
      await this.#work;
    }
  }

  async #read(): Promise<void> {
    const { feed } = this.#parts;
    const { signal } = this.#stopping;
    try {
      for (;;) {
        using packet = await feed.next(signal);
        if (packet === undefined) break;
        if (this.#untouched) this.#offer(packet.copy(), await feed.capturedAt(packet.ptsMicros, signal));
        else await this.#decode(packet);
      }
      if (!signal.aborted) await this.#decode(undefined);
      this.#shots.end();
    } catch (error) {
      this.#shots.end(failure(`lost ${this.#parts.label}`, error));
    }
  }

  async #decode(packet: Ffmpeg.Packet | undefined): Promise<void> {
    const { signal } = this.#stopping;
    for (const picture of (await this.#decoder?.decode(packet)) ?? []) {
      const capturedAt = await this.#parts.feed.capturedAt(picture.ptsMicros, signal);
      if (this.#limit.admits(capturedAt)) this.#shots.put({ picture, capturedAt });
      else picture[Symbol.dispose]();
    }
  }

  // Runs for untouched JPEG too: it hands the end on.
  async #encode(): Promise<void> {
    try {
      for (;;) {
        const shot = await this.#shots.take();
        if (shot === undefined) break;
        using picture = shot.picture;
        const frame = this.#track.frame(await this.#encoder.encode(picture), shot.capturedAt);
        if (frame !== undefined) this.#frames.put(frame);
      }
      this.#frames.end();
    } catch (error) {
      this.#frames.end(failure(`cannot encode the picture of ${this.#parts.label}`, error));
      this.#stop();
    }
  }

  #offer(bytes: Uint8Array, capturedAt: Micros): void {
    if (!this.#limit.admits(capturedAt)) return;
    const frame = this.#track.frame(bytes, capturedAt);
    if (frame !== undefined) this.#frames.put(frame);
  }

  #stop(): void {
    this.#stopping.abort();
    this.#parts.input.interrupt();
    this.#shots.clear();
    this.#frames.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#work;
    // Pictures and the decoder may hold buffers of the driver, which end with the input.
    this.#shots.clear();
    await this.#decoder?.[Symbol.asyncDispose]();
    await this.#encoder[Symbol.asyncDispose]();
    await this.#parts.input[Symbol.asyncDispose]();
  }
}
