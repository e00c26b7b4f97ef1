import { distance, Window } from "../flow/index.ts";
import { type Frame, now, ProtocolError } from "../protocol/index.ts";
import type { NatsLink } from "./nats-link.ts";
import { Joiner } from "./nats-parts.ts";

/** Milliseconds without a message after which the camera may have ended with a frame that no subscription had whole. */
const QUIET_MS = 500;

/** What a {@link Meter} takes, and for whom. */
export interface MeterOptions {
  readonly subject: string;
  /** Messages that a frame came in last. */
  readonly messages: number;
  /** A frame. One that came already may come again. */
  readonly take: (frame: Frame.Frame) => void;
  /** Frames in a row at the camera's pace after which {@link wide} is called: the way carries them all. */
  readonly wideFrames: number;
  readonly wide: () => void;
  /** Frames came, and come no more: the newest may have been missed. */
  readonly quiet: () => void;
}

/**
 * A track of pictures over a way from NATS that is too narrow for it: each frame by a subscription of its own, which ends with it.
 * NATS sends the first frame that is published after it has heard of one, so a subscription is the credit that a viewer gives a
 * hub, and the `Window` of a viewer says when to give it: so early that the way is not free before the frame is there, and no earlier.
 */
export class Meter {
  readonly #options: MeterOptions;
  readonly #link: NatsLink;
  readonly #window = new Window(performance.now(), { sendsNext: true });
  readonly #turns = new Set<Turn>();
  #messages: number;
  #timer: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #sequence: number | undefined;
  #wide = 0;
  #closed = false;

  constructor(options: MeterOptions, link: NatsLink) {
    this.#options = options;
    this.#link = link;
    this.#messages = options.messages;
    this.#subscribe(this.#window.frames);
  }

  /** Take no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#silence);
    for (const turn of this.#turns) turn.stop();
    this.#turns.clear();
  }

  /** Take the next `frames` frames, in as many messages as the last one came in. */
  #subscribe(frames: number, messages = frames * this.#messages): void {
    const turn: Turn = { joiner: new Joiner(), messages, frames, stop: () => {} };
    this.#turns.add(turn);
    turn.stop = this.#link.subscribe(this.#options.subject, (data) => this.#receive(turn, data), messages);
  }

  #receive(turn: Turn, data: Uint8Array): void {
    turn.messages--;
    this.#silence ??= setTimeout(() => this.#options.quiet(), QUIET_MS);
    this.#silence.refresh();
    let frame: Frame.Frame | undefined;
    try {
      frame = turn.joiner.push(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    const { messages } = turn.joiner;
    this.#messages = frame === undefined ? Math.max(messages, this.#messages) : messages;
    if (frame !== undefined) {
      turn.frames--;
      if (turn.frames === 0) turn.stop();
      this.#arrived(frame);
    }
    if (turn.frames === 0 || turn.messages === 0) this.#turns.delete(turn);
    if (this.#closed) return;
    // It began in the middle of a frame: one message less than two frames have has a whole one in it, wherever it begins.
    if (turn.messages === 0 && turn.frames > 0) this.#subscribe(1, 2 * this.#messages - 1);
    else this.#ask();
  }

  #arrived(frame: Frame.Frame): void {
    const nowMs = performance.now();
    const { sequence } = frame;
    const capturedAtMs = frame.capturedAt / 1000;
    const { tripMs } = this.#link;
    const arrived = { sequence, capturedAtMs, bytes: frame.payload.byteLength };
    // One that came already has taken a place as well.
    this.#window.arrived(arrived, nowMs, Number.isFinite(tripMs) ? tripMs : 0);
    if (sequence !== this.#sequence) {
      this.#window.painted(now() / 1000 - capturedAtMs, nowMs);
      const isNext = this.#sequence !== undefined && distance(sequence, this.#sequence) === 1;
      this.#wide = isNext || !this.#window.isPaced ? this.#wide + 1 : 0;
    }
    this.#sequence = sequence;
    this.#window.done(sequence);
    this.#options.take(frame);
    if (this.#wide >= this.#options.wideFrames && !this.#closed) this.#options.wide();
  }

  // Now, and once more when the window says that it is time for the next frame.
  #ask(): void {
    const nowMs = performance.now();
    const open = this.#window.ask(nowMs);
    if (open !== undefined) {
      // In front of the subscription: behind it the answer would stand behind the frame that it lets go.
      if (this.#window.breathing) this.#link.probe();
      let coming = 0;
      for (const { frames } of this.#turns) coming += frames;
      if (open > coming) this.#subscribe(open - coming);
    }
    if (!this.#window.waiting || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#ask();
    }, this.#window.waitMs(nowMs));
  }
}

/** A subscription that ends by itself. */
interface Turn {
  readonly joiner: Joiner;
  messages: number;
  frames: number;
  stop: () => void;
}
