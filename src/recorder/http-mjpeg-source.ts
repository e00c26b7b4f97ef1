import type { IncomingMessage } from "node:http";
import { type Micros, now, type TrackInfo } from "../protocol/index.ts";
import { expectedJpeg, JPEG_TRACK } from "./expected-track.ts";
import { failure } from "./failure.ts";
import {
  addCounters,
  type Capture,
  type CaptureCounters,
  type FrameSource,
  SourceError,
  type SourceFrame,
} from "./frame-source.ts";
import { getStream, HttpError } from "./http-response.ts";
import { isWhole } from "./jpeg.ts";
import { JpegTrack, MAX_JPEG_BYTES } from "./jpeg-track.ts";
import { LazyLadder } from "./lazy-ladder.ts";
import { boundaryOf, MultipartReader } from "./multipart.ts";
import { Outlet } from "./outlet.ts";
import { RateLimit } from "./rate-limit.ts";
import { redact } from "./redact.ts";
import type { SourceOptions } from "./source.ts";
import { StalledError } from "./stalled-error.ts";
import { TrackList } from "./track-list.ts";
import { UrlSource } from "./url-source.ts";

/** Bounds of waiting for a camera, in ms. */
export interface HttpTimeouts {
  /** For the headers of its answer. */
  readonly answerMs: number;
  /** Without a frame. */
  readonly stallMs: number;
}

const TIMEOUTS: HttpTimeouts = { answerMs: 5000, stallMs: 5000 };

/**
 * A camera that serves Motion JPEG over HTTP, byte for byte. Anything else behind the URL is left to FFmpeg, and so is
 * a stream that shall have another size or quality.
 */
export class HttpMjpegSource implements FrameSource {
  readonly label: string;
  readonly #url: string;
  readonly #options: SourceOptions;
  readonly #timeouts: HttpTimeouts;

  constructor(url: string, options: SourceOptions, timeouts: HttpTimeouts = TIMEOUTS) {
    this.label = redact(url);
    this.#url = url;
    this.#options = options;
    this.#timeouts = timeouts;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const { size, quality } = this.#options;
    const other = new UrlSource(this.#url, this.#options);
    if (size !== undefined || quality !== undefined) return other.open(signal);
    const closing = new AbortController();
    try {
      const { answerMs, stallMs } = this.#timeouts;
      const response = await getStream(this.#url, {
        signal: AbortSignal.any([signal, closing.signal]),
        answerMs,
      });
      const boundary = boundaryOf(response.headers["content-type"]);
      if (boundary === undefined) {
        response.destroy();
        return await other.open(signal);
      }
      if (boundary === "") throw new HttpError("its stream of parts announces no boundary");
      return new HttpCapture(response, { boundary, stallMs, label: this.label, options: this.#options });
    } catch (error) {
      closing.abort();
      const problem = failure("", error);
      if (problem.message.startsWith("cannot open")) throw problem;
      throw new SourceError(`cannot open ${this.label}: ${problem.message.replace(/^: /, "")}`, {
        cause: error,
      });
    }
  }
}

interface HttpCaptureOptions {
  readonly boundary: string;
  readonly stallMs: number;
  readonly label: string;
  readonly options: SourceOptions;
}

class HttpCapture implements Capture {
  readonly #response: IncomingMessage;
  readonly #label: string;
  readonly #reader: MultipartReader;
  readonly #track: JpegTrack;
  readonly #limit: RateLimit;
  readonly #outlet = new Outlet();
  readonly #list = new TrackList();
  readonly #ladder: LazyLadder;
  readonly #watchdog: NodeJS.Timeout;
  #passing = false;

  constructor(response: IncomingMessage, { boundary, stallMs, label, options }: HttpCaptureOptions) {
    this.#response = response;
    this.#label = label;
    this.#reader = new MultipartReader({ boundary, maxPartBytes: MAX_JPEG_BYTES, isComplete: isWhole });
    this.#track = new JpegTrack(expectedJpeg({ rate: options.rate }));
    this.#limit = new RateLimit(options.rate);
    this.#ladder = new LazyLadder(this.#outlet, label, options);
    this.#watchdog = setTimeout(() => {
      this.#outlet.end(new StalledError(`no frame for ${stallMs / 1000} s`));
      response.destroy();
    }, stallMs);
    // The stream flows from now on, whether frames are taken or not: the newest wins.
    response.on("data", (chunk: Buffer) => this.#read(chunk));
    response.on("end", () => this.#outlet.end(new SourceError(`${label} has ended`)));
    response.on("error", (error) => this.#outlet.end(failure(`lost ${label}`, error)));
  }

  get tracks(): readonly TrackInfo[] {
    return this.#list.of([this.#track.info, ...this.#ladder.infos(this.#track.info)]);
  }

  get problem(): string | undefined {
    return this.#ladder.problem;
  }

  get counters(): CaptureCounters {
    const passed = { overwritten: this.#outlet.overwritten, broken: this.#track.broken };
    return addCounters(this.#ladder.counters, { ...passed, decoded: 0, encoded: 0 });
  }

  want(tracks: ReadonlySet<string>): void {
    this.#passing = tracks.has(JPEG_TRACK);
    this.#ladder.want(tracks, this.#track.info);
  }

  keyframe(track: string): void {
    this.#ladder.keyframe(track);
  }

  #read(chunk: Buffer): void {
    try {
      for (const { bytes, at } of this.#reader.push(chunk, now())) {
        const capturedAt = at as Micros;
        const frame = this.#limit.admits(capturedAt) ? this.#track.frame(bytes, capturedAt) : undefined;
        if (frame === undefined) continue;
        this.#watchdog.refresh();
        if (this.#passing) this.#outlet.put(frame);
        this.#ladder.put(frame);
      }
      if (this.#reader.ended) this.#response.destroy(new SourceError(`${this.#label} has ended`));
    } catch (error) {
      this.#response.destroy(failure(`lost ${this.#label}`, error));
    }
  }

  async *frames(signal: AbortSignal): AsyncIterable<SourceFrame> {
    const stop = (): void => this.#stop();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      yield* this.#outlet.frames(signal);
    } finally {
      signal.removeEventListener("abort", stop);
      this.#stop();
    }
  }

  #stop(): void {
    clearTimeout(this.#watchdog);
    this.#outlet.clear();
    this.#response.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.#ladder[Symbol.asyncDispose]();
  }
}
