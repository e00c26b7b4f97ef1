import type { Frame } from "../protocol/index.ts";
import type { NatsLink } from "./nats-link.ts";
import { split } from "./nats-parts.ts";

/** Milliseconds for which who asked waits; what would come later is not sent. */
const PATIENCE_MS = 2000;

/** Answers under way at once. Who asks beyond that gets none, and begins with the next keyframe. */
const MAX_ANSWERS = 256;

const END = new Uint8Array(0);

interface Answer {
  readonly reply: string;
  readonly frames: readonly Frame.Frame[];
  readonly endsAtMs: number;
  next: number;
}

/**
 * What newcomers are sent of groups of pictures that have begun before they came. It leaves behind what is live, one frame at a time, as
 * the way has room: that somebody comes makes nobody's picture older.
 */
export class Answers {
  readonly #link: NatsLink;
  readonly #answers: Answer[] = [];

  constructor(link: NatsLink) {
    this.#link = link;
  }

  /** Send these frames to `reply`, and an empty message behind them. */
  add(reply: string, frames: readonly Frame.Frame[]): void {
    if (this.#answers.length >= MAX_ANSWERS) {
      this.#link.tell(reply, END);
      return;
    }
    this.#answers.push({ reply, frames, next: 0, endsAtMs: performance.now() + PATIENCE_MS });
    this.pump();
  }

  /** Send what may be sent now. To be called when all that is live has left. */
  pump(): void {
    const nowMs = performance.now();
    for (let answer = this.#answers[0]; answer !== undefined; answer = this.#answers[0]) {
      const frame = nowMs < answer.endsAtMs ? answer.frames[answer.next] : undefined;
      if (frame === undefined) {
        this.#link.tell(answer.reply, END);
        this.#answers.shift();
      } else {
        if (!this.#link.ready) return;
        answer.next++;
        this.#link.send(answer.reply, split(frame, this.#link.maxMessageBytes));
      }
    }
  }

  /** NATS is not there: who asked asks again. */
  clear(): void {
    this.#answers.length = 0;
  }
}
