import type { IncomingMessage } from "node:http";
import { type Micros, now, type TrackInfo } from "../protocol/index.ts";
import { failure } from "./failure.ts";
import {
  type Capture,
  type CaptureCounters,
  type FrameSource,
  SourceError,
  type SourceFrame,
} from "./frame-source.ts";
import { getStream, HttpError } from "./http-response.ts";
import { isWhole } from "./jpeg.ts";
import { JpegTrack, MAX_JPEG_BYTES } from "./jpeg-track.ts";
import { boundaryOf, MultipartReader } from "./multipart.ts";
import { Newest } from "./newest.ts";
import { RateLimit } from "./rate-limit.ts";
import { redact } from "./redact.ts";
import type { SourceOptions } from "./source.ts";
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
    const { size, quality, rate } = this.#options;
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
      return new HttpCapture(response, { boundary, rate, stallMs, label: this.label });
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
  readonly rate: number | undefined;
  readonly stallMs: number;
  readonly label: string;
}

class HttpCapture implements Capture {
  readonly #response: IncomingMessage;
  readonly #label: string;
  readonly #reader: MultipartReader;
  readonly #track: JpegTrack;
  readonly #limit: RateLimit;
  readonly #frames = new Newest<SourceFrame>();
  readonly #watchdog: NodeJS.Timeout;

  constructor(response: IncomingMessage, { boundary, rate, stallMs, label }: HttpCaptureOptions) {
    this.#response = response;
    this.#label = label;
    this.#reader = new MultipartReader({ boundary, maxPartBytes: MAX_JPEG_BYTES, isComplete: isWhole });
    this.#track = new JpegTrack(rate);
    this.#limit = new RateLimit(rate);
    this.#watchdog = setTimeout(() => {
      this.#frames.end(new SourceError(`no frame for ${stallMs / 1000} s`));
      response.destroy();
    }, stallMs);
    // The stream flows from now on, whether frames are taken or not: the newest wins.
    response.on("data", (chunk: Buffer) => this.#read(chunk));
    response.on("end", () => this.#frames.end(new SourceError(`${label} has ended`)));
    response.on("error", (error) => this.#frames.end(failure(`lost ${label}`, error)));
  }

  get tracks(): readonly TrackInfo[] {
    return this.#track.tracks;
  }

  get counters(): CaptureCounters {
    return { overwritten: this.#frames.overwritten, broken: this.#track.broken };
  }

  #read(chunk: Buffer): void {
    try {
      for (const { bytes, at } of this.#reader.push(chunk, now())) {
        const capturedAt = at as Micros;
        const frame = this.#limit.admits(capturedAt) ? this.#track.frame(bytes, capturedAt) : undefined;
        if (frame === undefined) continue;
        this.#watchdog.refresh();
        this.#frames.put(frame);
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
      for (;;) {
        const frame = await this.#frames.take();
        if (frame === undefined || signal.aborted) return;
        yield frame;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      this.#stop();
    }
  }

  #stop(): void {
    clearTimeout(this.#watchdog);
    this.#frames.clear();
    this.#response.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
  }
}
