import { isDeepStrictEqual } from "node:util";
import { type Micros, now, type TrackInfo } from "../protocol/index.ts";
import type * as Engine from "./engine/engine.ts";
import {
  addCounters,
  type Capture,
  type CaptureCounters,
  type FrameSource,
  NOTHING_LOST,
  SourceError,
  type SourceFrame,
} from "./frame-source.ts";
import type { Feed, MediaCapture } from "./media-capture.ts";
import { openMedia } from "./open-media.ts";
import { PlayClock } from "./play-clock.ts";
import type { SourceOptions } from "./source.ts";
import { wait } from "./wait.ts";

/** Bound of opening a file, in ms: it may lie on a network drive. */
const OPEN_MS = 15_000;

/** A video file, played at its own speed and looped. */
export class FileSource implements FrameSource {
  readonly label: string;
  readonly #path: string;
  readonly #options: SourceOptions;

  constructor(label: string, path: string, options: SourceOptions) {
    this.label = label;
    this.#path = path;
    this.#options = options;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const clock: { current?: PlayClock } = {};
    const round = (until: AbortSignal): Promise<MediaCapture> => this.#round(clock, until);
    return new FileCapture(this.label, await round(signal), round);
  }

  /** The file from its beginning to its end. */
  async #round(clock: { current?: PlayClock }, signal: AbortSignal): Promise<MediaCapture> {
    return openMedia(this.label, this.#options.engine, async (engine) => {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(OPEN_MS)]);
      // With its protocol named, a path that looks like the URL of something else is a path all the same.
      const input = await engine.openInput(`file:${this.#path}`, { patient: true }, bounded);
      clock.current ??= new PlayClock(input.video.rate);
      return { input, feed: new FileFeed(input, clock.current), options: this.#options };
    });
  }
}

/** Plays rounds of a file for ever. */
class FileCapture implements Capture {
  readonly #label: string;
  readonly #nextRound: (signal: AbortSignal) => Promise<MediaCapture>;
  #round: MediaCapture;
  #tracks: readonly TrackInfo[];
  #wanted: ReadonlySet<string> = new Set();
  #before = NOTHING_LOST;

  constructor(label: string, first: MediaCapture, nextRound: (signal: AbortSignal) => Promise<MediaCapture>) {
    this.#label = label;
    this.#round = first;
    this.#tracks = first.tracks;
    this.#nextRound = nextRound;
  }

  /** A new round with the same tracks is no change. */
  get tracks(): readonly TrackInfo[] {
    const { tracks } = this.#round;
    if (!isDeepStrictEqual(tracks, this.#tracks)) this.#tracks = tracks;
    return this.#tracks;
  }

  get counters(): CaptureCounters {
    return addCounters(this.#before, this.#round.counters);
  }

  get problem(): string | undefined {
    return this.#round.problem;
  }

  want(tracks: ReadonlySet<string>): void {
    this.#wanted = tracks;
    this.#round.want(tracks);
  }

  keyframe(track: string): void {
    this.#round.keyframe(track);
  }

  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    for (;;) {
      const wanted = this.#wanted;
      let count = 0;
      for await (const frame of this.#round.frames(signal)) {
        count++;
        yield frame;
      }
      if (signal.aborted) return;
      const asked = wanted === this.#wanted && this.tracks.some(({ name }) => wanted.has(name));
      if (this.#round.packets === 0 || (asked && count === 0)) {
        throw new SourceError(`${this.#label} has no picture that can be shown`);
      }
      await this.#rewind(signal);
    }
  }

  // The file is opened anew: it works for every format, and the file may be another one by now.
  async #rewind(signal: AbortSignal): Promise<void> {
    await this.#round[Symbol.asyncDispose]();
    this.#before = this.counters;
    this.#round = await this.#nextRound(signal);
    this.#round.want(this.#wanted);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#round[Symbol.asyncDispose]();
  }
}

/** Reads a file no faster than it plays. */
class FileFeed implements Feed {
  readonly #input: Engine.Input;
  readonly #clock: PlayClock;

  constructor(input: Engine.Input, clock: PlayClock) {
    this.#input = input;
    this.#clock = clock;
  }

  async next(signal: AbortSignal): Promise<Engine.Packet | undefined> {
    try {
      return signal.aborted ? undefined : await this.#input.read();
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    }
  }

  async capturedAt(dtsMicros: number | undefined, signal: AbortSignal): Promise<Micros> {
    const nowMicros = performance.now() * 1000;
    const waitMs = (this.#clock.due(dtsMicros, nowMicros) - nowMicros) / 1000;
    if (waitMs > 0) await wait(waitMs, signal);
    return now();
  }
}
