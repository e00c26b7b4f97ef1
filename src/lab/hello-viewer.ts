import { Conversation } from "../dial/web-socket.ts";
import { ClockOffset } from "../flow/clock-offset.ts";
import { DeltaWindow } from "../flow/delta-window.ts";
import { type FrameWindow, Window } from "../flow/window.ts";
import { Ack, Control, Frame, micros, now } from "../protocol/index.ts";
import { readStamp } from "./stamp.ts";
import type { Place, Shown, Viewer } from "./viewer.ts";

/** How often the round trip is measured, in ms. */
const TIME_EVERY_MS = 1000;

/** What it watches. */
export interface Watched {
  readonly camera: string;
  readonly track: string;
}

/**
 * A viewer without a screen: it speaks `hello.v1` with the window of `flow/`, and takes a frame for painted as soon as
 * it is there.
 */
export class HelloViewer implements Viewer {
  readonly #watched: Watched;
  readonly #shown: (picture: Shown, payload: Uint8Array) => void;
  readonly #window: FrameWindow;
  readonly #clock = new ClockOffset();
  #conversation: Conversation | undefined;
  #asking: NodeJS.Timeout | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #done: { readonly track: number; readonly sequence: number } | undefined;
  #failure: string | undefined;

  /** Resolves when it has asked for its track. */
  static async open(
    { host, port, token }: Place,
    watched: Watched,
    shown: (picture: Shown, payload: Uint8Array) => void,
  ): Promise<HelloViewer> {
    const viewer = new HelloViewer(watched, shown);
    viewer.#conversation = await Conversation.open(
      `ws://${host}:${port}/ws`,
      { protocol: Control.SUBPROTOCOL, token },
      {
        text: (text) => viewer.#obey(Control.decode(text)),
        binary: (bytes) => viewer.#show(Frame.decode(bytes)),
        ended: (reason) => {
          viewer.#failure = reason;
        },
      },
    );
    // Before any frame: its answer finds the link empty.
    viewer.#askTime();
    viewer.#tell({ type: "watch", ...watched, window: viewer.#window.frames });
    return viewer;
  }

  private constructor(watched: Watched, shown: (picture: Shown, payload: Uint8Array) => void) {
    this.#watched = watched;
    const isPictures = watched.track.startsWith("jpeg");
    this.#window = isPictures ? new Window(performance.now()) : new DeltaWindow();
    this.#shown = shown;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#asking);
    this.#done = undefined;
    this.#conversation?.close();
  }

  #obey(message: Control.Control): void {
    if (message.type === "time" && message.at !== undefined) {
      this.#clock.add(micros(message.sent), message.at, now());
    }
  }

  #askTime(): void {
    this.#askedAtMs = performance.now();
    this.#tell({ type: "time", sent: now() });
  }

  #tell(message: Control.Control): void {
    this.#conversation?.send(Control.encode(message));
  }

  #show(frame: Frame.Frame): void {
    const [shownAt, nowMs] = [now(), performance.now()];
    this.#clock.frame(shownAt);
    const { sequence, track } = frame;
    const capturedAtMs = frame.capturedAt / 1000;
    const arrived = { sequence, capturedAtMs, bytes: frame.payload.byteLength };
    this.#window.arrived(arrived, nowMs, this.#clock.wayMs);
    this.#window.painted(shownAt / 1000 - capturedAtMs, nowMs);
    this.#window.done(sequence);
    this.#done = { track, sequence };
    this.#acknowledge();
    const stamp = readStamp(frame.payload);
    // The camera's own stamp, as for every rival; a picture that was encoded anew has the recorder's.
    const capturedAt = stamp?.capturedAt ?? frame.capturedAt;
    this.#shown({ capturedAt, shownAt, sequence, track: this.#watched.track }, frame.payload);
  }

  // Now, and once more when the window says that it is time for the next frame.
  #acknowledge(): void {
    if (this.#done === undefined) return;
    const nowMs = performance.now();
    const windowFrames = this.#window.ask(nowMs);
    if (windowFrames !== undefined) {
      // Before the acknowledgement: behind it the answer would stand behind the frame that it lets go.
      if (this.#window.breathing || nowMs - this.#askedAtMs > TIME_EVERY_MS) this.#askTime();
      this.#conversation?.send(Ack.encode({ ...this.#done, windowFrames }));
    }
    if (!this.#window.waiting || this.#asking !== undefined) return;
    this.#asking = setTimeout(() => {
      this.#asking = undefined;
      this.#acknowledge();
    }, this.#window.waitMs(nowMs));
  }
}
