import type { TrackInfo } from "../protocol/index.ts";
import { loadEngine } from "./engine/load-engine.ts";
import { expectedBesideJpeg, JPEG_TRACK } from "./expected-track.ts";
import { failure } from "./failure.ts";
import { type CaptureCounters, NOTHING_LOST, type SourceFrame } from "./frame-source.ts";
import type { Ladder } from "./ladder.ts";
import type { Outlet } from "./outlet.ts";
import { RateLimit } from "./rate-limit.ts";
import type { SourceOptions } from "./source.ts";
import type { Transcoder } from "./transcoder.ts";

/** What is there when FFmpeg is. */
interface Works {
  readonly transcoder: Transcoder;
  readonly ladder: Ladder;
  put(frame: SourceFrame): void;
}

/** What is made beside the JPEG of a camera that needs no FFmpeg: it is loaded when somebody wants any of it. */
export class LazyLadder implements AsyncDisposable {
  readonly #outlet: Outlet;
  readonly #label: string;
  readonly #options: SourceOptions;
  #wanted = false;
  #tracks: ReadonlySet<string> = new Set();
  #loading: Promise<void> | undefined;
  #works: Works | undefined;
  #problem: string | undefined;
  #expected: { readonly jpeg: TrackInfo; readonly infos: readonly TrackInfo[] } | undefined;
  #stopped = false;

  constructor(outlet: Outlet, label: string, options: SourceOptions) {
    this.#outlet = outlet;
    this.#label = label;
    this.#options = options;
  }

  /** The tracks beside a JPEG track, each the same object as long as it does not change. */
  infos(jpeg: TrackInfo): readonly TrackInfo[] {
    if (this.#works !== undefined) return this.#works.ladder.infos(jpeg);
    if (this.#problem !== undefined) return [];
    if (this.#expected?.jpeg !== jpeg) this.#expected = { jpeg, infos: expectedBesideJpeg(jpeg) };
    return this.#expected.infos;
  }

  get counters(): CaptureCounters {
    return this.#works?.transcoder.counters ?? NOTHING_LOST;
  }

  /** Why some tracks cannot be had. */
  get problem(): string | undefined {
    return this.#problem ?? this.#works?.transcoder.problem;
  }

  /** Say which tracks somebody takes from now on; `jpeg` is the camera's own. */
  want(tracks: ReadonlySet<string>, jpeg: TrackInfo): void {
    this.#tracks = tracks;
    const names = new Set(this.infos(jpeg).map(({ name }) => name));
    this.#wanted = [...tracks].some((track) => track !== JPEG_TRACK && names.has(track));
    if (this.#wanted) this.#loading ??= this.#load(jpeg);
    this.#works?.transcoder.want(tracks);
  }

  /** Somebody needs a keyframe of this track. */
  keyframe(track: string): void {
    this.#works?.transcoder.keyframe(track);
  }

  /** A JPEG of the camera. */
  put(frame: SourceFrame): void {
    if (this.#wanted) this.#works?.put(frame);
  }

  async #load({ width, height }: TrackInfo): Promise<void> {
    try {
      const engine = await loadEngine(this.#options.engine);
      const { Ladder } = await import("./ladder.ts");
      const { Transcoder } = await import("./transcoder.ts");
      if (this.#stopped) return;
      const size = width === undefined || height === undefined ? undefined : { width, height };
      const ladder = new Ladder(engine, this.#options, { rate: this.#options.rate, size }, JPEG_TRACK);
      const transcoder = new Transcoder({
        open: () => engine.openDecoder(),
        tracks: ladder.tracks,
        outlet: this.#outlet,
        spare: true,
        limit: new RateLimit(undefined),
        label: `the pictures of ${this.#label}`,
      });
      transcoder.want(this.#tracks);
      transcoder.start();
      const put = ({ payload, capturedAt }: SourceFrame): void =>
        transcoder.put(engine.packet(payload), capturedAt, true);
      this.#works = { ladder, transcoder, put };
    } catch (error) {
      this.#problem = failure(`cannot encode the pictures of ${this.#label}`, error).message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#loading;
    await this.#works?.transcoder[Symbol.asyncDispose]();
  }
}
