import type { Micros, TrackInfo } from "../protocol/index.ts";
import type * as Engine from "./engine/engine.ts";
import { failure } from "./failure.ts";
import { addCounters, type Capture, type CaptureCounters, type SourceFrame } from "./frame-source.ts";
import { Ladder } from "./ladder.ts";
import { type NativeTrack, nativeTrack } from "./native-track.ts";
import { Outlet } from "./outlet.ts";
import { RateLimit } from "./rate-limit.ts";
import type { SourceOptions } from "./source.ts";
import { TrackList } from "./track-list.ts";
import { Transcoder } from "./transcoder.ts";

/** How packets come from an input: what differs between a device, a stream and a file. */
export interface Feed {
  /** The next packet; `undefined` at the end, or when `signal` aborts. @throws SourceError */
  next(signal: AbortSignal): Promise<Engine.Packet | undefined>;

  /**
   * When the packet was captured that the input wants decoded at `dtsMicros`. A file waits here until it is time. Packets
   * come in the order of decoding, so in a stream with B-frames this is the order of decoding too.
   */
  capturedAt(dtsMicros: number | undefined, signal: AbortSignal): Micros | Promise<Micros>;
}

/** What a {@link MediaCapture} works on. */
export interface MediaCaptureParts {
  readonly engine: Engine.Engine;
  /** The capture closes it. */
  readonly input: Engine.Input;
  readonly feed: Feed;
  /** For messages. */
  readonly label: string;
  /** The options were asked of the device: what it gives is not changed any more. */
  readonly device?: boolean;
  readonly options: Pick<SourceOptions, "size" | "quality" | "rate" | "encoder">;
}

// Codecs of which every packet is a keyframe, whether the input says so or not.
const INTRA_ONLY = new Set([
  "mjpeg",
  "rawvideo",
  "png",
  "bmp",
  "dvvideo",
  "prores",
  "dnxhd",
  "v210",
  "huffyuv",
]);
/** A source may be this much faster than what was asked for, and nothing is thinned out. */
const RATE_TOLERANCE = 1.1;

/**
 * The tracks of an input of FFmpeg. What browsers can show passes through untouched; all else is made of its pictures
 * while somebody wants it. Reading never waits for decoding or encoding: the newest wins.
 */
export class MediaCapture implements Capture {
  readonly #parts: MediaCaptureParts;
  readonly #native: NativeTrack | undefined;
  readonly #ladder: Ladder;
  readonly #transcoder: Transcoder;
  readonly #outlet = new Outlet();
  readonly #list = new TrackList();
  /** Of packets, where each can be left out; pictures are thinned out behind the decoder. */
  readonly #limit: RateLimit;
  readonly #stopping = new AbortController();
  #passing = false;
  #flowing = false;
  #packets = 0;
  #work: Promise<unknown> = Promise.resolve();

  /** Takes `parts.input` over. */
  constructor(parts: MediaCaptureParts) {
    const { video } = parts.input;
    const { size, rate } = parts.options;
    this.#parts = parts;
    const promised = rate === undefined ? video.rate : Math.min(rate, video.rate ?? rate);
    this.#native = passes(parts) ? nativeTrack(video, promised) : undefined;
    const jpeg = this.#native?.info.name === "jpeg";
    this.#limit = new RateLimit(jpeg ? rate : undefined);
    const known = video.width > 0 && video.height > 0 ? video : undefined;
    this.#ladder = new Ladder(
      parts.engine,
      parts.options,
      { rate: promised, size: size ?? known },
      this.#native?.info.name,
    );
    this.#transcoder = new Transcoder({
      open: () => parts.engine.openDecoder(parts.input),
      tracks: this.#ladder.tracks,
      outlet: this.#outlet,
      spare: this.#native !== undefined,
      limit: new RateLimit(jpeg ? undefined : rate),
      label: `the ${video.codec} video of ${parts.label}`,
    });
  }

  get tracks(): readonly TrackInfo[] {
    const native = this.#native?.info;
    const made = this.#ladder.infos(native);
    return this.#list.of(native === undefined ? made : [native, ...made]);
  }

  get problem(): string | undefined {
    return this.#transcoder.problem;
  }

  get counters(): CaptureCounters {
    const passed = { overwritten: this.#outlet.overwritten, broken: this.#native?.broken ?? 0 };
    return addCounters(this.#transcoder.counters, { ...passed, decoded: 0, encoded: 0 });
  }

  /** Packets that came so far. */
  get packets(): number {
    return this.#packets;
  }

  want(tracks: ReadonlySet<string>): void {
    this.#transcoder.want(tracks);
    const passing = this.#native !== undefined && tracks.has(this.#native.info.name);
    if (passing === this.#passing) return;
    this.#passing = passing;
    const gop = passing ? (this.#native?.gop ?? []) : [];
    // Who comes in the middle of a GOP need not wait for its end.
    this.#flowing = gop.length > 0;
    for (const frame of gop) this.#outlet.put(frame);
  }

  keyframe(track: string): void {
    this.#transcoder.keyframe(track);
  }

  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    const stop = (): void => this.#stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    this.#transcoder.start();
    this.#work = this.#read();
    try {
      yield* this.#outlet.frames(signal);
    } finally {
      signal.removeEventListener("abort", stop);
      stop();
      await this.#work;
    }
  }

  async #read(): Promise<void> {
    const { feed, label } = this.#parts;
    const { signal } = this.#stopping;
    try {
      for (;;) {
        const packet = await feed.next(signal);
        if (packet === undefined) break;
        this.#packets++;
        const capturedAt = await feed.capturedAt(packet.dtsMicros, signal);
        if (this.#limit.admits(capturedAt)) this.#take(packet, capturedAt);
        else packet[Symbol.dispose]();
      }
      this.#transcoder.end();
    } catch (error) {
      this.#transcoder.end(failure(`lost ${label}`, error));
    }
  }

  #take(packet: Engine.Packet, capturedAt: Micros): void {
    const needed = this.#passing || this.#native?.info.name !== "jpeg";
    const frame = needed ? this.#native?.frame(packet, capturedAt) : undefined;
    if (frame !== undefined && this.#passing) {
      this.#flowing ||= frame.keyframe;
      if (this.#flowing) this.#outlet.put(frame);
    }
    const intra = INTRA_ONLY.has(this.#parts.input.video.codec);
    this.#transcoder.put(packet, capturedAt, intra || (frame?.keyframe ?? packet.keyframe));
  }

  #stop(): void {
    this.#stopping.abort();
    this.#parts.input.interrupt();
    this.#transcoder.stop();
    this.#outlet.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#work;
    await this.#transcoder[Symbol.asyncDispose]();
    await this.#parts.input[Symbol.asyncDispose]();
  }
}

// Another size means other pictures. Another quality means another JPEG. Of a track with deltas none can be left out.
function passes({ input: { video }, device, options: { size, quality, rate } }: MediaCaptureParts): boolean {
  if (device === true) return true;
  if (size !== undefined) return false;
  if (video.codec === "mjpeg") return quality === undefined;
  return rate === undefined || (video.rate !== undefined && video.rate <= rate * RATE_TOLERANCE);
}
