import { DeltaWindow } from "../flow/delta-window.ts";
import { Floor } from "../flow/floor.ts";
import { Rate } from "../flow/rate.ts";
import { distance } from "../flow/serial.ts";
import { type Signs, Vitals } from "../flow/vitals.ts";
import { type FrameWindow, Window } from "../flow/window.ts";
import { type Ack, type Frame, Limits } from "../protocol/index.ts";
import { Ages } from "./ages.ts";
import type { Painter } from "./painter.ts";
import type { MakePipeline, Pipeline, Presented } from "./pipeline.ts";
import type { StageView } from "./stage-view.ts";
import type { Surface } from "./surface.ts";
import { TabWindow } from "./tab-window.ts";
import type { Way } from "./way.ts";

/** Failures of a decoder within {@link TRUST_MS} after which it is given up. */
const MAX_FAILURES = 4;

/** A failure longer ago than this is forgiven. */
const TRUST_MS = 10_000;

/** The least delay of a track whose camera has no floor of its own. */
const FLOOR_SPAN_MS = 30_000;

/** What a {@link Player} needs of the world. */
export interface PlayerOptions {
  /** Id of the camera. */
  readonly camera: string;
  /** How it shows the track. */
  readonly way: Way;
  /** Its number among all streams that the page has had. */
  readonly stream: number;
  /** The least delay of the camera's frames, whichever their track. */
  readonly floor?: Floor | undefined;
  readonly pipeline: MakePipeline;
  /** What paints, for all players of the page. */
  readonly painter: Painter;
  /** Whether its frames come from the hub of the tabs, which paces the link; see {@link TabWindow}. */
  readonly shared: () => boolean;
  /** Tells the server what is done with. */
  readonly acknowledge: (ack: Ack.Ack, emptyWay?: boolean) => void;
  /** µs to add to this machine's clock to get the server's; `undefined` while not known. */
  readonly offsetMicros: () => number | undefined;
  /** Shortest round trip to the server of late; `undefined` while not known. */
  readonly roundTripMs: () => number | undefined;
  /** The first picture since the last {@link Player.restart} is on the screen. */
  readonly began: () => void;
  /** It cannot go on without a keyframe. */
  readonly wantKeyframe: () => void;
  /** It asks for another window before it has anything to acknowledge. */
  readonly resize: (windowFrames: number) => void;
  /** Its decoder has failed again and again, at last with this. */
  readonly gaveUp: (reason: string) => void;
}

/** What a {@link Player} has counted since it began. */
export interface Counters {
  /** Pictures that were shown. */
  painted: number;
  /** Frames that the server did not send, because newer ones replaced them. */
  skipped: number;
  /** Frames that came, and were replaced by newer ones before they were painted. */
  overwritten: number;
  /** Frames that could not be decoded. */
  failed: number;
}

/** The picture on the screen. */
export interface Shown {
  /** When it was painted, on the clock of `performance.now()`. */
  readonly paintedAtMs: number;
  /** How old it was then; 0 if no clock could tell. */
  readonly ageMs: number;
}

/**
 * Plays one track: hands what comes to a {@link Pipeline}, acknowledges what that has done with, and keeps the figures.
 */
export class Player {
  /** How it shows the track. */
  readonly way: Way;
  /** Id of the camera. */
  readonly camera: string;
  /** The views that show it, or are about to. */
  readonly views: Set<StageView> = new Set();
  /** Where it paints. */
  readonly surfaces: Set<Surface> = new Set();
  /** What it has counted. */
  readonly counters: Counters = { painted: 0, skipped: 0, overwritten: 0, failed: 0 };

  /** Its number among all streams that the page has had. */
  readonly stream: number;

  readonly #options: PlayerOptions;
  readonly #pipeline: Pipeline;
  readonly #rate = new Rate();
  readonly #bytes = new Rate();
  readonly #ages = new Ages();
  #window: FrameWindow;
  #vitals: Vitals;
  #asking: ReturnType<typeof setTimeout> | undefined;
  /** Frames that the decoder keeps to itself. */
  #heldFrames = 0;
  #arrivedSequence: number | undefined;
  #sequence: number | undefined;
  #done: { readonly track: number; readonly sequence: number } | undefined;
  #paintedAtMs: number | undefined;
  #ageMs: number | undefined;
  #shown: Shown | undefined;
  #width = 0;
  #height = 0;
  #failedAtMs: number[] = [];
  #closed = false;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.way = options.way;
    this.camera = options.camera;
    this.stream = options.stream;
    this.#window = this.#freshWindow();
    this.#vitals = this.#freshVitals();
    this.#pipeline = options.pipeline({
      stream: options.stream,
      surfaces: this.surfaces,
      painter: options.painter,
      catchingUp: () => this.#window.catchingUp,
      events: {
        painted: (frame, picture, delayMs) => this.#painted(frame, picture, delayMs),
        worked: (workMs) => this.#vitals.worked(workMs),
        done: (frame) => this.#finish(frame),
        overwritten: () => {
          this.counters.overwritten++;
        },
        failed: (error) => this.#failed(error),
        starved: () => options.wantKeyframe(),
        choked: () => this.#choked(),
      },
    });
  }

  /** Frames that it asks the server to keep on the way. */
  get windowFrames(): number {
    return Math.min(Limits.MAX_WINDOW_FRAMES, this.#window.frames + this.#heldFrames);
  }

  /** Whether the burst that a newcomer is sent is still coming in. */
  get catchingUp(): boolean {
    return this.#window.catchingUp;
  }

  /** How its track does. */
  signs(nowMs: number): Signs {
    return this.#vitals.read(nowMs);
  }

  /** Whether the page shows what it plays in a `<video>`. */
  get plays(): boolean {
    return this.way.decoder === "mse";
  }

  /** Sequence of the picture on the screen. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  /** When it last painted, on the clock of `performance.now()`; `undefined` if not since the last restart. */
  get paintedAtMs(): number | undefined {
    return this.#paintedAtMs;
  }

  /** The last picture, which stays on the screen when all starts again. */
  get shown(): Shown | undefined {
    return this.#shown;
  }

  /** Age of the last picture at the instant it was painted. */
  get ageMs(): number | undefined {
    return this.#ageMs;
  }

  /** Width of the last picture in pixels; 0 before the first. */
  get width(): number {
    return this.#width;
  }

  /** Height of the last picture in pixels; 0 before the first. */
  get height(): number {
    return this.#height;
  }

  /** Median age of the last seconds. */
  ageP50Ms(nowMs: number): number | undefined {
    return this.#ages.median(nowMs);
  }

  /** Pictures per second. */
  fps(nowMs: number): number {
    return this.#rate.perSecond(nowMs);
  }

  /** Bytes of frames per second. */
  bytesPerSecond(nowMs: number): number {
    return this.#bytes.perSecond(nowMs);
  }

  /** A frame came. */
  put(frame: Frame.Frame): void {
    const nowMs = performance.now();
    this.#bytes.add(nowMs, frame.payload.byteLength);
    const { sequence, payload, keyframe } = frame;
    const arrived = { sequence, capturedAtMs: frame.capturedAt / 1000, bytes: payload.byteLength, keyframe };
    this.#window.arrived(arrived, nowMs, this.#options.roundTripMs());
    this.#vitals.arrived(arrived, nowMs);
    if (this.#arrivedSequence !== undefined) {
      this.counters.skipped += Math.max(0, distance(frame.sequence, this.#arrivedSequence) - 1);
    }
    this.#arrivedSequence = frame.sequence;
    this.#pipeline.put(frame);
  }

  /** A `<video>` shows a frame. */
  presented(shown: Presented): void {
    this.#pipeline.presented?.(shown);
  }

  /** Another view shows it, or the browser lets one play or not: it is held up if all are. */
  viewsChanged(): void {
    if (this.views.size > 0) this.#pipeline.hold?.([...this.views].every(({ isHeld }) => isHeld));
  }

  /** What shows the pictures has failed. */
  trouble(reason: string): void {
    this.#pipeline.restart?.();
    this.#failed(reason);
  }

  /**
   * What comes from now on has nothing to do with what came before: the connection is another, or the camera's
   * recorder is. A frame that is being decoded is not shown.
   */
  restart(): void {
    clearTimeout(this.#asking);
    this.#asking = undefined;
    this.#pipeline.reset();
    this.#heldFrames = 0;
    this.#window = this.#freshWindow();
    this.#vitals = this.#freshVitals();
    this.#arrivedSequence = undefined;
    this.#done = undefined;
    this.#paintedAtMs = undefined;
    this.#ages.clear();
  }

  /** Play no more. */
  close(): void {
    clearTimeout(this.#asking);
    this.#closed = true;
    this.#pipeline.close();
  }

  #freshWindow(): FrameWindow {
    if (this.way.decoder !== "image") return new DeltaWindow();
    return this.#options.shared() ? new TabWindow() : new Window(performance.now());
  }

  #freshVitals(): Vitals {
    return new Vitals(this.#options.floor ?? new Floor(FLOOR_SPAN_MS), this.way.decoder !== "image");
  }

  #finish({ track, sequence }: Frame.Frame): void {
    this.#window.done(sequence);
    this.#done = { track, sequence };
    this.#acknowledge();
  }

  // Now, and once more when the window says that it is time for the next frame.
  #acknowledge(): void {
    if (this.#done === undefined || this.#closed) return;
    const nowMs = performance.now();
    const frames = this.#window.ask(nowMs);
    if (frames !== undefined) {
      const windowFrames = Math.min(Limits.MAX_WINDOW_FRAMES, frames + this.#heldFrames);
      this.#options.acknowledge({ ...this.#done, windowFrames }, this.#window.breathing);
    }
    if (!this.#window.waiting || this.#asking !== undefined) return;
    this.#asking = setTimeout(() => {
      this.#asking = undefined;
      this.#acknowledge();
    }, this.#window.waitMs(nowMs));
  }

  // A decoder that reorders pictures keeps some back for as long as no further frame comes.
  #choked(): void {
    if (this.windowFrames >= Limits.MAX_WINDOW_FRAMES) return;
    this.#heldFrames++;
    const { windowFrames } = this;
    if (this.#done === undefined) this.#options.resize(windowFrames);
    else this.#options.acknowledge({ ...this.#done, windowFrames });
  }

  #failed(error: unknown): void {
    this.counters.failed++;
    if (this.way.decoder === "image") return;
    const nowMs = performance.now();
    this.#failedAtMs = this.#failedAtMs.filter((atMs) => nowMs - atMs < TRUST_MS);
    this.#failedAtMs.push(nowMs);
    if (this.#failedAtMs.length < MAX_FAILURES) return;
    this.#failedAtMs = [];
    this.#options.gaveUp(error instanceof Error ? error.message : String(error));
  }

  #painted(
    frame: Frame.Frame,
    picture: { readonly width: number; readonly height: number },
    delayMs: number,
  ): void {
    const nowMs = performance.now();
    this.#window.painted(delayMs, nowMs);
    this.#rate.add(nowMs);
    const offsetMicros = this.#options.offsetMicros();
    if (offsetMicros !== undefined) {
      this.#ageMs = delayMs + offsetMicros / 1000;
      this.#ages.add(this.#ageMs, nowMs);
    }
    this.#shown = { paintedAtMs: nowMs, ageMs: Math.max(0, this.#ageMs ?? 0) };
    this.counters.painted++;
    this.#sequence = frame.sequence;
    this.#width = picture.width;
    this.#height = picture.height;
    const first = this.#paintedAtMs === undefined;
    this.#paintedAtMs = nowMs;
    if (first) this.#options.began();
  }
}
