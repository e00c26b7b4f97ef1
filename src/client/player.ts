import { Rate } from "../flow/rate.ts";
import { distance } from "../flow/serial.ts";
import { Window } from "../flow/window.ts";
import { type Ack, type Frame, now } from "../protocol/index.ts";
import { Ages } from "./ages.ts";
import type { Decode, Picture } from "./picture.ts";
import type { Surface } from "./surface.ts";

/** What a {@link Player} needs of the world. */
export interface PlayerOptions {
  readonly decode: Decode;
  /** Tells the server what is done with. */
  readonly acknowledge: (ack: Ack.Ack) => void;
  /** µs to add to this machine's clock to get the server's; `undefined` while not known. */
  readonly offsetMicros: () => number | undefined;
  /** Shortest round trip to the server of late; `undefined` while not known. */
  readonly roundTripMs: () => number | undefined;
  /** The first picture since the last {@link Player.restart} is on the screen. */
  readonly began: () => void;
}

/** What a {@link Player} has counted since it began. */
export interface Counters {
  /** Pictures that were shown. */
  painted: number;
  /** Frames that the server did not send, because newer ones replaced them. */
  skipped: number;
  /** Frames that came, and were replaced by newer ones before they could be decoded. */
  overwritten: number;
  /** Frames that could not be decoded. */
  failed: number;
}

/**
 * Plays one track: decodes the newest frame, paints it on every surface, acknowledges it. Frames that come during a
 * decode wait in a slot for one; a newer one replaces it, and its acknowledgement covers both.
 */
export class Player {
  /** Where it paints. */
  readonly surfaces: Set<Surface> = new Set();
  /** What it has counted. */
  readonly counters: Counters = { painted: 0, skipped: 0, overwritten: 0, failed: 0 };

  readonly #options: PlayerOptions;
  readonly #rate = new Rate();
  readonly #ages = new Ages();
  #window = new Window();
  #slot: Frame.Frame | undefined;
  #decoding = false;
  #run = 0;
  #arrivedSequence: number | undefined;
  #sequence: number | undefined;
  #paintedAtMs: number | undefined;
  #ageMs: number | undefined;
  #width = 0;
  #height = 0;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  /** Frames that it asks the server to keep on the way. */
  get windowFrames(): number {
    return this.#window.frames;
  }

  /** Sequence of the picture on the screen. */
  get sequence(): number | undefined {
    return this.#sequence;
  }

  /** When it last painted, on the clock of `performance.now()`; `undefined` if not since the last restart. */
  get paintedAtMs(): number | undefined {
    return this.#paintedAtMs;
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

  /** A frame came. */
  put(frame: Frame.Frame): void {
    this.#window.arrived(frame.sequence);
    if (this.#arrivedSequence !== undefined) {
      this.counters.skipped += Math.max(0, distance(frame.sequence, this.#arrivedSequence) - 1);
    }
    this.#arrivedSequence = frame.sequence;
    if (this.#slot !== undefined) this.counters.overwritten++;
    this.#slot = frame;
    if (!this.#decoding) void this.#drain();
  }

  /**
   * What comes from now on has nothing to do with what came before: the connection is another, or the camera's
   * recorder is. A frame that is being decoded is not shown.
   */
  restart(): void {
    this.#run++;
    this.#slot = undefined;
    this.#window = new Window();
    this.#arrivedSequence = undefined;
    this.#paintedAtMs = undefined;
    this.#ages.clear();
  }

  async #drain(): Promise<void> {
    this.#decoding = true;
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) {
      const run = this.#run;
      let picture: Picture | undefined;
      try {
        picture = await this.#options.decode(frame);
        if (run === this.#run) this.#paint(frame, picture);
      } catch {
        // A broken frame is counted and done with; the picture before it stays.
        this.counters.failed++;
      } finally {
        picture?.close();
      }
      // After a restart the track's number may be another track's.
      if (run === this.#run) this.#acknowledge(frame);
    }
    this.#decoding = false;
  }

  #take(): Frame.Frame | undefined {
    const frame = this.#slot;
    this.#slot = undefined;
    return frame;
  }

  #acknowledge({ track, sequence }: Frame.Frame): void {
    this.#options.acknowledge({ track, sequence, windowFrames: this.#window.frames });
  }

  #paint(frame: Frame.Frame, picture: Picture): void {
    for (const surface of this.surfaces) surface.paint(picture);
    const delayMicros = now() - frame.capturedAt;
    const nowMs = performance.now();
    this.#window.painted(delayMicros / 1000, nowMs, this.#options.roundTripMs());
    this.#rate.add(nowMs);
    const offsetMicros = this.#options.offsetMicros();
    if (offsetMicros !== undefined) {
      this.#ageMs = (delayMicros + offsetMicros) / 1000;
      this.#ages.add(this.#ageMs, nowMs);
    }
    this.counters.painted++;
    this.#sequence = frame.sequence;
    this.#width = picture.width;
    this.#height = picture.height;
    const first = this.#paintedAtMs === undefined;
    this.#paintedAtMs = nowMs;
    if (first) this.#options.began();
  }
}
