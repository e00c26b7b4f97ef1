import type { Bus, Publication } from "../bus/index.ts";
import { Backoff } from "../flow/index.ts";
import {
  type CameraInfo,
  type CameraState,
  Limits,
  type Micros,
  micros,
  now,
  type TrackInfo,
} from "../protocol/index.ts";
import { Adjustments } from "./adjustments.ts";
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
import { Silence } from "./silence.ts";
import { StalledError } from "./stalled-error.ts";
import { wait } from "./wait.ts";

/** A device stays open for so long after the last viewer left, in ms: who reloads a page need not wait for it. */
export const GRACE_MS = 10_000;

/** Delays between attempts to open a camera that is gone, in ms. */
const RETRY = { firstMs: 100, maxMs: 5000 };

/** A camera that was live for so long is well: when it fails, it is tried again soon. In ms. */
const WELL_MS = 5000;

/** A device that stalls so often in a row needs more than being opened again: a new process, which holds nothing of it. */
const STALLS_PER_RUN = 3;

/** Milliseconds that a device has to close. One that takes longer hangs in its driver. */
const CLOSE_TIMEOUT_MS = 5000;

/** Milliseconds between two looks at whether a device that is not open is plugged in: a fraction of what people notice. */
const PRESENCE_MS = 250;

/** How a run ended: told to, or because only a new process can help. */
export type RunEnd = "stopped" | "hopeless";

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
  /** For so long after it was opened its exposure settles, and its frames are said to be of that time; in ms. Default: 0. */
  readonly warmupMs?: number;
  /** Somebody starts this process again: end with `hopeless` where that may help. Default: go on for ever. */
  readonly restarts?: boolean;
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
  readonly #adjustments: Adjustments | undefined;
  readonly #backoff = new Backoff(RETRY);
  readonly #sequences = new Map<string, number>();
  #info: CameraInfo;
  #liveSinceMs: number | undefined;
  #capture: Capture | undefined;
  #captured = 0;
  #lost = NOTHING_LOST;
  #wanted: ReadonlySet<string> = new Set();
  #complaint: string | undefined;
  #silence: Silence | undefined;
  #lastFrameAt: Micros | undefined;
  #attempts = 0;
  #stalls = 0;
  #giveUp = (): void => {};
  #problem: string | undefined;

  /** Puts the camera on the bus; {@link run} opens it. */
  constructor(config: RecorderConfig, { bus, log }: RecorderParts) {
    const { id, name, source } = config;
    this.#config = config;
    this.#log = log;
    this.#info = { id, name, source: bounded(source.label), state: "opening", since: now(), tracks: [] };
    this.#demand = new Demand(config.keepOpen === true);
    const adjustments = source.controls && new Adjustments(source.controls);
    this.#adjustments = adjustments;
    this.#publication = bus.publish(this.#info, {
      demand: (tracks) => {
        this.#wanted = tracks;
        this.#want();
        this.#demand.set(tracks);
      },
      keyframe: (track) => this.#capture?.keyframe(track),
      adjust: adjustments && ((values) => adjustments.adjust(values)),
      refused: (reason) => log.warn(`${id}: ${reason}; trying again until it works`),
    });
  }

  /** What it did so far. */
  get counters(): RecorderCounters {
    const present = this.#capture?.counters ?? NOTHING_LOST;
    return { captured: this.#captured, ...addCounters(this.#lost, present) };
  }

  /** Record until `signal` aborts; then the device is closed and the camera taken off the bus. */
  async run(signal: AbortSignal): Promise<RunEnd> {
    const stuck = new Promise<void>((resolve) => {
      this.#giveUp = () => {
        if (this.#config.restarts !== true || signal.aborted) return;
        this.#stalls = STALLS_PER_RUN;
        resolve();
      };
    });
    try {
      while (!signal.aborted) {
        if (this.#config.restarts === true && this.#stalls >= STALLS_PER_RUN) {
          this.#log.warn(`${this.#config.id}: opening it again does not help; its recorder is started again`);
          return "hopeless";
        }
        const rests = this.#info.state === "closed" && !this.#demand.present;
        await Promise.race([stuck, rests ? this.#rest(signal) : this.#session(signal)]);
      }
      return "stopped";
    } finally {
      this.#publication.close();
    }
  }

  // Closed, until somebody wants it or it is pulled out.
  async #rest(signal: AbortSignal): Promise<void> {
    const { source } = this.#config;
    const pulled = new AbortController();
    const look = (): void => {
      if (source.present?.() === false) pulled.abort();
    };
    const timer = source.present === undefined ? undefined : setInterval(look, PRESENCE_MS);
    try {
      await this.#demand.wait(AbortSignal.any([signal, pulled.signal]));
    } finally {
      clearInterval(timer);
    }
    if (pulled.signal.aborted && !signal.aborted) await this.#absent(signal);
  }

  // From opening the device to closing it, and the pause behind a failure.
  async #session(signal: AbortSignal): Promise<void> {
    // While it has failed its viewers keep reading why, rather than seeing it flicker.
    if (this.#info.state === "closed") this.#become("opening");
    try {
      await this.#record(signal);
      if (!signal.aborted) this.#become("closed");
    } catch (error) {
      if (signal.aborted) return;
      const failed = failure(`cannot open ${this.#config.source.label}`, error);
      if (this.#config.source.present?.() === false) {
        // One that was lost is away; one that was never there may be misspelt, and the failure says what there is.
        await this.#absent(signal, this.#liveSinceMs === undefined ? failed : undefined);
      } else {
        this.#fail(failed);
        await wait(this.#backoff.next(), signal);
      }
    } finally {
      this.#liveSinceMs = undefined;
    }
  }

  // Pulled out. To look whether it is back costs less than to open what is not there, so it is seen sooner.
  async #absent(signal: AbortSignal, failed?: SourceError): Promise<void> {
    const { source } = this.#config;
    this.#fail(failed ?? new SourceError(`${source.label} is not plugged in`));
    while (!signal.aborted && source.present?.() === false) await wait(PRESENCE_MS, signal);
    this.#backoff.reset();
  }

  async #record(signal: AbortSignal): Promise<void> {
    const { source } = this.#config;
    const capture = await source.open(signal);
    this.#capture = capture;
    // A device that was pulled out has forgotten what it was told.
    await this.#adjustments?.restore();
    using silence = new Silence(source.silenceMs, () => this.#isSilent(capture));
    this.#silence = silence;
    this.#want();
    using idle = this.#demand.idle(GRACE_MS);
    try {
      for await (const frame of capture.frames(AbortSignal.any([signal, idle.signal, silence.signal]))) {
        if (this.#liveSinceMs === undefined) this.#live(capture.tracks, frame.capturedAt);
        else this.#look(capture);
        this.#publish(frame);
      }
      if (signal.aborted || idle.signal.aborted) return;
      if (silence.signal.aborted) {
        throw new StalledError(`no usable frame for ${(source.silenceMs ?? 0) / 1000} s`);
      }
      throw new SourceError(`${source.label} has ended`);
    } finally {
      const { captured: _captured, ...lost } = this.counters;
      this.#lost = lost;
      this.#capture = undefined;
      this.#silence = undefined;
      await this.#close(capture);
    }
  }

  async #close(capture: Capture): Promise<void> {
    const limit = setTimeout(() => this.#giveUp(), CLOSE_TIMEOUT_MS);
    try {
      await capture[Symbol.asyncDispose]();
    } finally {
      clearTimeout(limit);
    }
  }

  // Until the first frame one track is taken in any case: it proves that the camera works.
  #want(): void {
    const [first] = this.#liveSinceMs === undefined ? (this.#capture?.tracks ?? []) : [];
    const wanted = first === undefined ? this.#wanted : new Set([...this.#wanted, first.name]);
    this.#capture?.want(wanted);
    this.#silence?.due(wanted.size > 0);
  }

  #publish({ track, ...facts }: SourceFrame): void {
    const sequence = this.#sequences.get(track) ?? 0;
    this.#sequences.set(track, (sequence + 1) % (Limits.MAX_U32 + 1));
    this.#captured++;
    this.#lastFrameAt = facts.capturedAt;
    this.#silence?.heard();
    this.#publication.publish(track, { ...facts, sequence, layer: 0 });
  }

  #live(tracks: readonly TrackInfo[], capturedAt: Micros): void {
    this.#liveSinceMs = performance.now();
    this.#want();
    if (this.#complaint !== undefined) this.#log.info(`${this.#config.id}: live again`);
    this.#complaint = undefined;
    const { warmupMs = 0 } = this.#config;
    this.#become("live", {
      tracks,
      ...(warmupMs === 0 ? {} : { settledAt: micros(capturedAt + 1000 * warmupMs) }),
    });
  }

  // It may offer other tracks than before.
  #look({ tracks, problem }: Capture): void {
    if (tracks !== this.#info.tracks) this.#become("live", { tracks });
    if (problem !== undefined) this.#tell(problem);
  }

  // Of tracks that cannot be made nothing comes, though the camera is well.
  #isSilent(capture: Capture): boolean {
    if (this.#liveSinceMs === undefined) return true;
    this.#look(capture);
    return capture.tracks.some(({ name }) => this.#wanted.has(name));
  }

  // The camera is well, and some of its tracks cannot be had. Said once.
  #tell(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#log.warn(`${this.#config.id}: ${problem}; its other tracks go on`);
  }

  #fail(error: SourceError): void {
    if (this.#liveSinceMs !== undefined && performance.now() - this.#liveSinceMs >= WELL_MS) {
      this.#backoff.reset();
      this.#attempts = 0;
      this.#stalls = 0;
    }
    const reason = error.message;
    const stalled = error instanceof StalledError;
    this.#stalls = stalled ? this.#stalls + 1 : 0;
    this.#attempts++;
    if (reason !== this.#complaint) {
      this.#complaint = reason;
      this.#log.warn(`${this.#config.id}: ${reason}; trying again until it works`);
    }
    this.#become(stalled ? "stalled" : "gone", { reason: bounded(reason), attempts: this.#attempts });
  }

  #become(
    state: CameraState,
    change: Partial<Pick<CameraInfo, "reason" | "attempts" | "settledAt" | "tracks">> = {},
  ): void {
    const { reason: _reason, attempts: _attempts, lastFrameAt: _last, settledAt, ...rest } = this.#info;
    const same = state === rest.state;
    const since = same ? rest.since : now();
    const settling = same && settledAt !== undefined ? { settledAt } : {};
    const past =
      state === "live" || this.#lastFrameAt === undefined ? {} : { lastFrameAt: this.#lastFrameAt };
    this.#info = { ...rest, ...past, ...settling, ...change, state, since };
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
): Promise<RunEnd> {
  return new Recorder(config, parts).run(signal);
}
