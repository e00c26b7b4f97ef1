import type { TrackInfo } from "../protocol/index.ts";
import { failure } from "./failure.ts";
import { type CaptureCounters, NOTHING_LOST, type SourceFrame } from "./frame-source.ts";
import { expectedH264, H264_TRACK } from "./h264-info.ts";
import type { Outlet } from "./outlet.ts";
import { RateLimit } from "./rate-limit.ts";
import type { SourceOptions } from "./source.ts";
import type { Transcoder } from "./transcoder.ts";

/** What is there when FFmpeg is. */
interface Works {
  readonly transcoder: Transcoder;
  readonly track: { readonly info: TrackInfo };
  put(frame: SourceFrame): void;
}

/** The H.264 track of a camera that gives JPEG and needs no FFmpeg: it is loaded when somebody wants the track. */
export class LazyH264 implements AsyncDisposable {
  readonly #outlet: Outlet;
  readonly #label: string;
  readonly #options: SourceOptions;
  #wanted: ReadonlySet<string> = new Set();
  #loading: Promise<void> | undefined;
  #works: Works | undefined;
  #expected: { readonly jpeg: TrackInfo; readonly info: TrackInfo } | undefined;
  #stopped = false;

  constructor(outlet: Outlet, label: string, options: SourceOptions) {
    this.#outlet = outlet;
    this.#label = label;
    this.#options = options;
  }

  /** The track beside a JPEG track. The same object as long as it does not change. */
  info(jpeg: TrackInfo): TrackInfo {
    if (this.#works !== undefined) return this.#works.track.info;
    if (this.#expected?.jpeg !== jpeg) {
      const { width, height, rate } = jpeg;
      const size = width === undefined || height === undefined ? undefined : { width, height };
      this.#expected = { jpeg, info: expectedH264(rate, size) };
    }
    return this.#expected.info;
  }

  get counters(): CaptureCounters {
    return this.#works?.transcoder.counters ?? NOTHING_LOST;
  }

  /** Say which tracks somebody takes from now on. */
  want(tracks: ReadonlySet<string>): void {
    this.#wanted = tracks;
    if (tracks.has(H264_TRACK)) this.#loading ??= this.#load();
    this.#works?.transcoder.want(tracks);
  }

  /** Somebody needs a keyframe of this track. */
  keyframe(track: string): void {
    this.#works?.transcoder.keyframe(track);
  }

  /** A JPEG of the camera. */
  put(frame: SourceFrame): void {
    if (this.#wanted.has(H264_TRACK)) this.#works?.put(frame);
  }

  async #load(): Promise<void> {
    try {
      const Ffmpeg = await import("./ffmpeg.ts");
      const { EncodedTrack } = await import("./encoded-track.ts");
      const { H264Encoding } = await import("./h264-encoding.ts");
      const { Transcoder } = await import("./transcoder.ts");
      if (this.#stopped) return;
      const { rate } = this.#options;
      const track = new EncodedTrack(new H264Encoding(this.#options, rate));
      const transcoder = new Transcoder({
        open: () => Ffmpeg.VideoDecoder.open(),
        tracks: [track],
        outlet: this.#outlet,
        limit: new RateLimit(undefined),
        label: `the pictures of ${this.#label}`,
      });
      transcoder.want(this.#wanted);
      transcoder.start();
      const put = ({ payload, capturedAt }: SourceFrame): void =>
        transcoder.put(Ffmpeg.Packet.of(payload), capturedAt, true);
      this.#works = { track, transcoder, put };
    } catch (error) {
      this.#outlet.end(failure(`cannot encode the pictures of ${this.#label}`, error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#loading;
    await this.#works?.transcoder[Symbol.asyncDispose]();
  }
}
