import type { Bus, Publication } from "../bus/index.ts";
import { Backoff } from "../flow/index.ts";
import { type CameraInfo, type CameraState, Limits, now, type TrackInfo } from "../protocol/index.ts";
import { Demand } from "./demand.ts";
import { failure } from "./failure.ts";
import {
  addCounters,
  type Capture,
  type CaptureCounters,
  type FrameSource,
  NOTHING_LOST,
  SourceError,
  type SourceFrame,
} from "./frame-source.ts";
import { wait } from "./wait.ts";

/** A device stays open for so long after the last viewer left, in ms: who reloads a page need not wait for it. */
export const GRACE_MS = 10_000;

/** Delays between attempts to open a camera that is gone, in ms. */
const RETRY = { firstMs: 100, maxMs: 5000 };

/** A camera that was live for so long is well: when it fails, it is tried again soon. In ms. */
const WELL_MS = 5000;

/** Where a recorder writes what a user should know. A pino logger is one. */
export interface RecorderLog {
  info(message: string): void;
  warn(message: string): void;
}

/** Which camera to record, and how. */
export interface RecorderConfig {
  /** Of the camera. */
  readonly id: string;
  /** Of the camera, for people. */
  readonly name: string;
  readonly source: FrameSource;
  /** Never close the device. Default: closed {@link GRACE_MS} after the last viewer left. */
  readonly keepOpen?: boolean;
}

/** What a recorder works with. */
export interface RecorderParts {
  readonly bus: Bus;
  readonly log: RecorderLog;
}

/** What a recorder did, over its whole run. */
export interface RecorderCounters extends CaptureCounters {
  /** Frames that it put on the bus. */
  readonly captured: number;
}

/**
 * Puts the frames of one camera on a bus. The camera is opened once at the start, to prove that it works and to learn
 * its size; then it is open while somebody watches. A camera that cannot be opened or fails is a state, not an error:
 * it is tried again until it works, whether somebody watches or not, so that what is said of it stays true.
 */
export class Recorder {
  readonly #config: RecorderConfig;
  readonly #log: RecorderLog;
  readonly #publication: Publication;
  readonly #demand: Demand;
  readonly #backoff = new Backoff(RETRY);
  readonly #sequences = new Map<string, number>();
  #info: CameraInfo;
  #liveSinceMs: number | undefined;
  #capture: Capture | undefined;
  #captured = 0;
  #lost = NOTHING_LOST;
  #wanted: ReadonlySet<string> = new Set();
  #complaint: string | undefined;
  #problem: string | undefined;

  /** Puts the camera on the bus; {@link run} opens it. */
  constructor(config: RecorderConfig, { bus, log }: RecorderParts) {
    const { id, name, source } = config;
    this.#config = config;
    this.#log = log;
    this.#info = { id, name, source: bounded(source.label), state: "opening", since: now(), tracks: [] };
    this.#demand = new Demand(config.keepOpen === true);
    this.#publication = bus.publish(this.#info, {
      demand: (tracks) => {
        this.#wanted = tracks;
        this.#want();
        this.#demand.set(tracks);
      },
      keyframe: (track) => this.#capture?.keyframe(track),
      refused: (reason) => log.warn(`${id}: ${reason}; trying again until it works`),
    });
  }

  /** What it did so far. */
  get counters(): RecorderCounters {
    const present = this.#capture?.counters ?? NOTHING_LOST;
    return { captured: this.#captured, ...addCounters(this.#lost, present) };
  }

  /** Record until `signal` aborts; then the device is closed and the camera taken off the bus. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (this.#info.state === "closed" && !this.#demand.present) await this.#demand.wait(signal);
        else await this.#session(signal);
      }
    } finally {
      this.#publication.close();
    }
  }

  // From opening the device to closing it, and the pause behind a failure.
  async #session(signal: AbortSignal): Promise<void> {
    // While it is gone its viewers keep reading why, rather than seeing it flicker.
    if (this.#info.state === "closed") this.#become("opening");
    try {
      await this.#record(signal);
      if (!signal.aborted) this.#become("closed");
    } catch (error) {
      if (signal.aborted) return;
      this.#fail(failure(`cannot open ${this.#config.source.label}`, error).message);
      await wait(this.#backoff.next(), signal);
    } finally {
      this.#liveSinceMs = undefined;
    }
  }

  async #record(signal: AbortSignal): Promise<void> {
    await using capture = await this.#config.source.open(signal);
    this.#capture = capture;
    this.#want();
    using idle = this.#demand.idle(GRACE_MS);
    try {
      for await (const frame of capture.frames(AbortSignal.any([signal, idle.signal]))) {
        if (this.#liveSinceMs === undefined) this.#live(capture.tracks);
        else if (capture.tracks !== this.#info.tracks) this.#become("live", { tracks: capture.tracks });
        if (capture.problem !== undefined) this.#tell(capture.problem);
        this.#publish(frame);
      }
      if (!signal.aborted && !idle.signal.aborted) {
        throw new SourceError(`${this.#config.source.label} has ended`);
      }
    } finally {
      const { captured: _captured, ...lost } = this.counters;
      this.#lost = lost;
      this.#capture = undefined;
    }
  }

  // Until the first frame one track is taken in any case: it proves that the camera works.
  #want(): void {
    const [first] = this.#liveSinceMs === undefined ? (this.#capture?.tracks ?? []) : [];
    this.#capture?.want(first === undefined ? this.#wanted : new Set([...this.#wanted, first.name]));
  }

  #publish({ track, ...facts }: SourceFrame): void {
    const sequence = this.#sequences.get(track) ?? 0;
    this.#sequences.set(track, (sequence + 1) % (Limits.MAX_U32 + 1));
    this.#captured++;
    this.#publication.publish(track, { ...facts, sequence, layer: 0 });
  }

  #live(tracks: readonly TrackInfo[]): void {
    this.#liveSinceMs = performance.now();
    this.#want();
    if (this.#complaint !== undefined) this.#log.info(`${this.#config.id}: live again`);
    this.#complaint = undefined;
    this.#become("live", { tracks });
  }

  // The camera is well, and some of its tracks cannot be had. Said once.
  #tell(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log.warn(`${this.#config.id}: ${problem}; its other tracks go on`);
  }

  #fail(reason: string): void {
    if (this.#liveSinceMs !== undefined && performance.now() - this.#liveSinceMs >= WELL_MS)
      this.#backoff.reset();
    if (reason !== this.#complaint) {
      this.#complaint = reason;
      this.#log.warn(`${this.#config.id}: ${reason}; trying again until it works`);
      this.#become("gone", { reason: bounded(reason) });
    } else if (this.#info.state !== "gone") {
      this.#become("gone", { reason: bounded(reason) });
    }
  }

  #become(state: CameraState, change: { reason?: string; tracks?: readonly TrackInfo[] } = {}): void {
    const { reason: _old, ...rest } = this.#info;
    const since = state === rest.state ? rest.since : now();
    this.#info = { ...rest, ...change, state, since };
    this.#publication.update(this.#info);
  }
}

function bounded(text: string): string {
  const { MAX_TEXT_CHARACTERS } = Limits;
  return text.length <= MAX_TEXT_CHARACTERS ? text : `${text.slice(0, MAX_TEXT_CHARACTERS - 1)}…`;
}

/** Record a camera until `signal` aborts. See {@link Recorder}. */
export async function run(
  config: RecorderConfig,
  { signal, ...parts }: RecorderParts & { readonly signal: AbortSignal },
): Promise<void> {
  await new Recorder(config, parts).run(signal);
}
