import { type Micros, now, type TrackInfo } from "../protocol/index.ts";
import { failure } from "./failure.ts";
import type * as Ffmpeg from "./ffmpeg.ts";
import type { Capture, CaptureCounters, FrameSource, SourceFrame } from "./frame-source.ts";
import type { Size } from "./jpeg.ts";
import { JpegTrack } from "./jpeg-track.ts";
import { DEFAULT_QUALITY } from "./quality.ts";
import { TestPicture } from "./test-picture.ts";
import { wait } from "./wait.ts";

/** What the test picture should be. */
export interface TestSourceOptions {
  /** Pixels. */
  readonly size: Size;
  /** Frames per second. */
  readonly rate: number;
  /** Of the JPEG, 1 to 100. */
  readonly quality?: number | undefined;
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
    const Ffmpeg = await import("./ffmpeg.ts");
    const { size, rate, quality } = this.#options;
    try {
      signal.throwIfAborted();
      const encoder = await Ffmpeg.JpegEncoder.open(size.width, size.height, quality ?? DEFAULT_QUALITY);
      return new TestCapture(encoder, Ffmpeg.Picture.blank(size.width, size.height), rate);
    } catch (error) {
      throw failure(`cannot open ${this.label}`, error);
    }
  }
}

class TestCapture implements Capture {
  readonly #encoder: Ffmpeg.JpegEncoder;
  readonly #canvas: Ffmpeg.Picture;
  readonly #picture: TestPicture;
  readonly #track: JpegTrack;
  readonly #rate: number;
  #skipped = 0;
  // The memory that is drawn on ends with the capture.
  #closed = false;

  constructor(encoder: Ffmpeg.JpegEncoder, canvas: Ffmpeg.Picture, rate: number) {
    const { width, height, planes } = canvas;
    this.#encoder = encoder;
    this.#canvas = canvas;
    this.#rate = rate;
    this.#picture = new TestPicture({ width, height }, rate, planes);
    this.#track = new JpegTrack(rate, { width, height });
  }

  get tracks(): readonly TrackInfo[] {
    return this.#track.tracks;
  }

  get counters(): CaptureCounters {
    return { overwritten: this.#skipped, broken: this.#track.broken };
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
      const frame = await this.#shoot(now(), count++);
      tick++;
      if (frame !== undefined) yield frame;
    }
  }

  async #shoot(capturedAt: Micros, count: number): Promise<SourceFrame | undefined> {
    this.#picture.draw(capturedAt, count);
    return this.#track.frame(await this.#encoder.encode(this.#canvas), capturedAt);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#encoder[Symbol.asyncDispose]();
    this.#canvas[Symbol.dispose]();
  }
}
