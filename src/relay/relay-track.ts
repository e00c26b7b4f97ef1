import type { Publication } from "../bus/index.ts";
import { DeltaWindow, distance, type FrameWindow, Window } from "../flow/index.ts";
import { type Ack, type Frame, Limits } from "../protocol/index.ts";

/** What a track tells. */
export interface RelayTrackEvents {
  acknowledge(ack: Ack.Ack): void;
  /** The shortest round trip to the source of late, if it is known. */
  roundTripMs(): number | undefined;
}

/**
 * One track of the source, on its way to a bus. It is done with a frame as soon as the bus has it, so its window is that of the way
 * alone. The bus sees one sequence for as long as the camera is published, whatever becomes of the source and its numbers.
 */
export class RelayTrack {
  /** Its name, the same on both sides. */
  readonly name: string;
  readonly #publication: Publication;
  readonly #events: RelayTrackEvents;
  readonly #fresh: () => FrameWindow;
  #window: FrameWindow;
  #timer: NodeJS.Timeout | undefined;
  #done: { readonly track: number; readonly sequence: number } | undefined;
  /** What to add to a sequence of the source. */
  #shift: number | undefined;
  #last: number | undefined;

  constructor(name: string, publication: Publication, events: RelayTrackEvents, isPictures: boolean) {
    this.name = name;
    this.#publication = publication;
    this.#events = events;
    this.#fresh = () => (isPictures ? new Window(performance.now()) : new DeltaWindow());
    this.#window = this.#fresh();
  }

  /** Frames that may be on the way. */
  get windowFrames(): number {
    return Math.min(Limits.MAX_WINDOW_FRAMES, this.#window.frames);
  }

  /** What comes from now on has another number: its sequences have nothing to do with those before. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#window = this.#fresh();
    this.#done = undefined;
    this.#shift = undefined;
  }

  /** A frame came. */
  put(frame: Frame.Frame): void {
    const nowMs = performance.now();
    const capturedAtMs = frame.capturedAt / 1000;
    const arrived = { sequence: frame.sequence, capturedAtMs, bytes: frame.payload.byteLength };
    this.#window.arrived(arrived, nowMs, this.#events.roundTripMs());
    this.#publication.publish(this.name, { ...frame, sequence: this.#sequence(frame.sequence) });
    this.#window.painted(Date.now() - capturedAtMs, nowMs);
    this.#window.done(frame.sequence);
    this.#done = { track: frame.track, sequence: frame.sequence };
    this.#acknowledge();
  }

  /** Take no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#done = undefined;
  }

  #sequence(sequence: number): number {
    if (this.#shift === undefined) {
      // A hole of one: a delta must not seem to follow a frame of before.
      this.#shift = this.#last === undefined ? 0 : distance(this.#last + 2, sequence);
    }
    this.#last = (sequence + this.#shift) >>> 0;
    return this.#last;
  }

  // Now, and once more when the window says that it is time for the next frame.
  #acknowledge(): void {
    if (this.#done === undefined) return;
    const nowMs = performance.now();
    const windowFrames = this.#window.ask(nowMs);
    if (windowFrames !== undefined) {
      const bounded = Math.min(Limits.MAX_WINDOW_FRAMES, windowFrames);
      this.#events.acknowledge({ ...this.#done, windowFrames: bounded });
    }
    if (!this.#window.waiting || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#acknowledge();
    }, this.#window.waitMs(nowMs));
  }
}
