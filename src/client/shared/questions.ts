import type { Clock } from "./pace.ts";

/** Longest time that a question waits for its moment. */
const HOLD_MS = 500;

/**
 * When questions for the time go out: right before the hub asks for a frame, which is when nothing is on the way, so the answer is
 * not behind a frame and the round trip is that of an empty link. Where nothing is asked for, at once.
 */
export class Questions<Question> {
  readonly #clock: Clock;
  readonly #send: (question: Question, heldMs: number) => void;
  readonly #held: { readonly question: Question; readonly atMs: number }[] = [];
  #askedAtMs = Number.NEGATIVE_INFINITY;

  /** `send` sends a question that was held for so long. */
  constructor(clock: Clock, send: (question: Question, heldMs: number) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Somebody asks. */
  ask(question: Question): void {
    const atMs = this.#clock.nowMs();
    this.#held.push({ question, atMs });
    if (atMs - this.#askedAtMs > HOLD_MS) this.#flush();
    else if (this.#held.length === 1) this.#clock.after(HOLD_MS, () => this.#flush());
  }

  /** A frame is asked for next. */
  asking(): void {
    this.#askedAtMs = this.#clock.nowMs();
    this.#flush();
  }

  #flush(): void {
    const nowMs = this.#clock.nowMs();
    for (const { question, atMs } of this.#held.splice(0)) this.#send(question, nowMs - atMs);
  }
}
