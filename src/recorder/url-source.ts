import { type Micros, now } from "../protocol/index.ts";
import type * as Engine from "./engine/engine.ts";
import { failure } from "./failure.ts";
import { type Capture, type FrameSource, SourceError } from "./frame-source.ts";
import type { Feed } from "./media-capture.ts";
import { openMedia } from "./open-media.ts";
import { redact } from "./redact.ts";
import type { SourceOptions } from "./source.ts";
import { StalledError } from "./stalled-error.ts";

/** Bounds of waiting for a stream. */
export interface UrlTimeouts {
  /** To be open with its format known, in ms. */
  readonly openMs: number;
  /** Without a frame, in ms. */
  readonly stallMs: number;
}

const TIMEOUTS: UrlTimeouts = { openMs: 15_000, stallMs: 5000 };

/** A live stream that FFmpeg reads: RTSP, RTMP, MPEG-TS, HLS and many more. */
export class UrlSource implements FrameSource {
  readonly label: string;
  readonly #url: string;
  readonly #options: SourceOptions;
  readonly #timeouts: UrlTimeouts;

  constructor(url: string, options: SourceOptions, timeouts: UrlTimeouts = TIMEOUTS) {
    this.label = redact(url);
    this.#url = url;
    this.#options = options;
    this.#timeouts = timeouts;
  }

  async open(signal: AbortSignal): Promise<Capture> {
    const { openMs, stallMs } = this.#timeouts;
    const deadline = AbortSignal.timeout(openMs);
    const bounded = AbortSignal.any([signal, deadline]);
    return openMedia(this.label, this.#options.engine, async (engine) => {
      try {
        const input = await engine.openInput(this.#url, { options: inputOptions(stallMs) }, bounded);
        return { input, feed: new UrlFeed(input, this.label, stallMs), options: this.#options };
      } catch (error) {
        if (!deadline.aborted || signal.aborted) throw error;
        throw new SourceError(`cannot open ${this.label}: it did not answer within ${openMs / 1000} s`);
      }
    });
  }
}

// FFmpeg ignores those that the protocol at hand does not know. Its own timeouts are the second line: a read that
// hangs is interrupted earlier.
function inputOptions(stallMs: number): Record<string, string> {
  const micros = `${2 * stallMs * 1000}`;
  return {
    rw_timeout: micros,
    timeout: micros,
    stimeout: micros,
    rtsp_flags: "prefer_tcp",
    // What is read to find out what it is comes all the same, in a burst: the first keyframe is in it, and the next may be
    // seconds away.
    analyzeduration: "1000000",
  };
}

/** Waits for packets, though not for ever. */
class UrlFeed implements Feed {
  readonly #input: Engine.Input;
  readonly #label: string;
  readonly #stallMs: number;
  // A read that is interrupted may still give the packet that it had begun: an old one, of no use.
  #stalled = false;

  constructor(input: Engine.Input, label: string, stallMs: number) {
    this.#input = input;
    this.#label = label;
    this.#stallMs = stallMs;
  }

  async next(signal: AbortSignal): Promise<Engine.Packet | undefined> {
    const watchdog = setTimeout(() => {
      this.#stalled = true;
      this.#input.interrupt();
    }, this.#stallMs);
    try {
      const packet = await this.#input.read();
      if (!this.#stalled && (packet !== undefined || signal.aborted)) return packet;
      packet?.[Symbol.dispose]();
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!this.#stalled) throw failure(`lost ${this.#label}`, error);
    } finally {
      clearTimeout(watchdog);
    }
    if (this.#stalled) throw new StalledError(`no frame for ${this.#stallMs / 1000} s`);
    throw new SourceError(`${this.#label} has ended`);
  }

  // Clocks of a stream have no known relation to ours.
  capturedAt(): Micros {
    return now();
  }
}
