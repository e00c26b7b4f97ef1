import { distance } from "../../flow/serial.ts";
import { Window } from "../../flow/window.ts";
import type { Frame } from "../../protocol/index.ts";

/** Time as a {@link Pace} needs it, so that a simulation can stand in for it. */
export interface Clock {
  /** Any steady clock. */
  nowMs(): number;
  /** Call `run` after that time. */
  after(ms: number, run: () => void): void;
}

/** The real one. */
export const CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (ms, run) => void setTimeout(run, ms),
};

/**
 * When the hub asks for the next frame of a track whose frames each stand alone. Of several tabs each would measure what
 * the others ask for, and take that for the link; so there is one window for all of them, here, and a frame is done with when
 * the first of them has painted it.
 */
export class Pace {
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #ask: (sequence: number, windowFrames: number, emptyWay: boolean) => void;
  /** Frames that came and are not done with, oldest first. */
  readonly #arrived: { readonly sequence: number; readonly capturedAtMs: number }[] = [];
  #done: number | undefined;
  #waits = false;
  #ended = false;

  /**
   * `ask` tells the sender what is done with, and how many frames it may have on the way; and hears whether nothing is on it, which
   * is the time to measure the round trip.
   */
  constructor(clock: Clock, ask: (sequence: number, windowFrames: number, emptyWay: boolean) => void) {
    this.#clock = clock;
    this.#ask = ask;
    this.#window = new Window(clock.nowMs());
  }

  /** Frames that the sender may have on the way. */
  get windowFrames(): number {
    return this.#window.frames;
  }

  /** A frame came. `roundTripMs`: to the sender, if it is known. */
  arrived({ sequence, capturedAt, payload }: Frame.Frame, roundTripMs: number | undefined): void {
    const frame = { sequence, capturedAtMs: capturedAt / 1000 };
    this.#arrived.push(frame);
    this.#window.arrived({ ...frame, bytes: payload.byteLength }, this.#clock.nowMs(), roundTripMs);
  }

  /** A tab has painted the frame of `sequence`. Only the first one counts. */
  painted(sequence: number): void {
    if (this.#done !== undefined && distance(sequence, this.#done) <= 0) return;
    const nowMs = this.#clock.nowMs();
    let last: number | undefined;
    while (this.#arrived[0] !== undefined && distance(sequence, this.#arrived[0].sequence) >= 0) {
      last = this.#arrived.shift()?.capturedAtMs;
    }
    if (last !== undefined) this.#window.painted(nowMs - last, nowMs);
    this.#window.done(sequence);
    this.#done = sequence;
    this.#tell();
  }

  /** Nobody needs it any more. */
  close(): void {
    this.#ended = true;
  }

  // Now, and once more when it is time for the next frame.
  #tell(): void {
    if (this.#done === undefined || this.#ended) return;
    const nowMs = this.#clock.nowMs();
    const frames = this.#window.ask(nowMs);
    if (frames !== undefined) this.#ask(this.#done, frames, this.#window.breathing);
    if (!this.#window.waiting || this.#waits) return;
    this.#waits = true;
    this.#clock.after(this.#window.waitMs(nowMs), () => {
      this.#waits = false;
      this.#tell();
    });
  }
}
