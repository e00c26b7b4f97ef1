import type { Size } from "../codec/index.ts";
import { type Micros, now, type TrackInfo } from "../protocol/index.ts";
import type { EncodedTrack } from "./encoded-track.ts";
import type { Picture } from "./engine/engine.ts";
import { loadEngine } from "./engine/load-engine.ts";
import { failure } from "./failure.ts";
import type { Capture, CaptureCounters, FrameSource, SourceFrame } from "./frame-source.ts";
import type { Ladder } from "./ladder.ts";
import { DEFAULT_QUALITY } from "./quality.ts";
import type { SourceOptions } from "./source.ts";
import { TestPicture } from "./test-picture.ts";
import { TrackList } from "./track-list.ts";
import { wait } from "./wait.ts";

/** What the test picture should be. */
export interface TestSourceOptions {
  /** Pixels. */
  readonly size: Size;
  /** Frames per second. */
  readonly rate: number;
  /** Of the JPEG, 1 to 100. */
  readonly quality?: number | undefined;
  /** Of the H.264. */
  readonly encoder?: SourceOptions["encoder"];
  /** What encodes it. */
  readonly engine?: SourceOptions["engine"];
}

/** A moving picture for those who have no camera, and for tests: see {@link TestPicture}. */
export class TestSource implements FrameSource {
  readonly label: string;
  readonly #options: TestSourceOptions;

  constructor(label: string, options: TestSourceOptions) {
    this.label = label;
    this.#options = options;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const { size, rate, quality, encoder, engine: choice } = this.#options;
    try {
      const engine = await loadEngine(choice);
      const { Ladder } = await import("./ladder.ts");
      signal.throwIfAborted();
      const ladder = new Ladder(engine, { quality: quality ?? DEFAULT_QUALITY, encoder }, { rate, size });
      return new TestCapture(ladder, engine.blank(size), rate);
    } catch (error) {
      throw failure(`cannot open ${this.label}`, error);
    }
  }
}

class TestCapture implements Capture {
  readonly #ladder: Ladder;
  readonly #encoded: readonly EncodedTrack[];
  readonly #canvas: Picture;
  readonly #picture: TestPicture;
  readonly #rate: number;
  readonly #list = new TrackList();
  #skipped = 0;
  // The memory that is drawn on ends with the capture.
  #closed = false;

  constructor(ladder: Ladder, canvas: Picture, rate: number) {
    const { width, height, planes } = canvas;
    this.#ladder = ladder;
    this.#encoded = ladder.tracks;
    this.#canvas = canvas;
    this.#rate = rate;
    this.#picture = new TestPicture({ width, height }, rate, planes);
  }

  get tracks(): readonly TrackInfo[] {
    return this.#list.of(this.#ladder.infos());
  }

  get counters(): CaptureCounters {
    let [broken, encoded] = [0, 0];
    for (const track of this.#encoded) {
      broken += track.broken;
      encoded += track.encoded;
    }
    return { overwritten: this.#skipped, broken, decoded: 0, encoded };
  }

  want(tracks: ReadonlySet<string>): void {
    for (const track of this.#encoded) track.wanted = tracks.has(track.info.name);
  }

  keyframe(name: string): void {
    for (const track of this.#encoded) if (track.info.name === name) track.keyframe();
  }

  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    const intervalMs = 1000 / this.#rate;
    const startMs = performance.now();
    let tick = 0;
    let count = 0;
    while (!signal.aborted && !this.#closed) {
      // Due times are counted from the start, so no error adds up. What is late already is left out.
      const newest = Math.floor((performance.now() - startMs) / intervalMs);
      if (newest > tick) this.#skipped += newest - tick;
      tick = Math.max(tick, newest);
      await wait(startMs + tick * intervalMs - performance.now(), signal);
      if (signal.aborted || this.#closed) return;
      yield* await this.#shoot(now(), count++);
      tick++;
    }
  }

  // All tracks read the canvas at once; it is drawn on again when the last one is done.
  async #shoot(capturedAt: Micros, count: number): Promise<SourceFrame[]> {
    const wanted = this.#encoded.filter((track) => track.wanted);
    if (wanted.length === 0) return [];
    this.#picture.draw(capturedAt, count);
    return (await Promise.all(wanted.map((track) => track.encode(this.#canvas, capturedAt)))).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const track of this.#encoded) await track[Symbol.asyncDispose]();
    this.#canvas[Symbol.dispose]();
  }
}
