import { Limits } from "../protocol/index.ts";
import { NatsError } from "./nats-error.ts";
import type { NatsLink } from "./nats-link.ts";
import { decodeBeat } from "./nats-messages.ts";
import { cameraSubject, claimSubject } from "./nats-subjects.ts";

/** Milliseconds that the holder of a camera id has to say that it is there. */
const ANSWER_TIMEOUT_MS = 500;

/** Milliseconds between two attempts to take an id that another has. */
const RETRY_MS = 1000;

/** What a {@link Claim} tells. */
export interface ClaimEvents {
  /** The id is ours. */
  taken(): void;
  /** It is not, or not any more. Called once for each change. */
  refused(reason: string): void;
  /** Another one says that it has the id too, and has to give it up: tell it that we are here. */
  contested(): void;
}

/**
 * The right to a camera id among all recorders on NATS. Who has it answers questions for it, so that no second one begins. Should
 * two have it at once (they came in the same instant, or a cut network has healed), the one whose run has the smaller
 * name keeps it: both know without asking.
 */
export class Claim {
  readonly #id: string;
  readonly #run: string;
  readonly #link: NatsLink;
  readonly #events: ClaimEvents;
  readonly #encodedRun: Uint8Array;
  #ends: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isHeld = false;
  #wasHeld = false;
  #isAsking = false;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  #sinceMs = 0;
  #complaint: string | undefined;

  constructor(id: string, run: string, link: NatsLink, events: ClaimEvents) {
    this.#id = id;
    this.#run = run;
    this.#link = link;
    this.#events = events;
    this.#encodedRun = new TextEncoder().encode(run);
  }

  /** Whether the id is ours. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** NATS is there: take the id. */
  attach(): void {
    this.detach();
    this.#sinceMs = performance.now();
    this.#ends.push(this.#link.subscribe(cameraSubject(this.#id), (data) => this.#hear(data)));
    void this.#ask();
  }

  /** NATS is not there. Frames and beats are not sent meanwhile; the id is asked for again. */
  detach(): void {
    clearTimeout(this.#timer);
    for (const end of this.#ends.splice(0)) end();
    this.#wasHeld ||= this.#isHeld;
    this.#isHeld = false;
  }

  /** NATS does not let this user have the id. */
  forbidden(reason: string): void {
    this.#complain(reason);
  }

  async #ask(): Promise<void> {
    if (this.#isAsking || this.#isHeld) return;
    clearTimeout(this.#timer);
    this.#isAsking = true;
    const answer = await this.#link
      .request(claimSubject(this.#id), this.#encodedRun, ANSWER_TIMEOUT_MS)
      .catch((error: unknown) => (error instanceof NatsError ? error.kind : "late"));
    this.#isAsking = false;
    if (this.#ends.length === 0) return;
    const nowMs = performance.now();
    // A holder that hangs is subscribed and does not answer; one of our own connections that has died may be, too.
    const isSilent = nowMs - Math.max(this.#heardAtMs, this.#sinceMs) >= Limits.BEAT_TIMEOUT_MS;
    const isOurs = this.#wasHeld && this.#heardAtMs < this.#sinceMs;
    if (answer === "nobody" || (answer === "late" && this.#link.connected && (isSilent || isOurs))) {
      this.#take();
      return;
    }
    if (answer !== "late") this.#complain(`another recorder has the camera id "${this.#id}"`);
    this.#timer = setTimeout(() => void this.#ask(), RETRY_MS);
  }

  #take(): void {
    this.#isHeld = true;
    this.#complaint = undefined;
    const answer = this.#link.subscribe(claimSubject(this.#id), (_data, _subject, reply) => {
      if (reply !== undefined && this.#isHeld) this.#link.tell(reply, this.#encodedRun);
    });
    this.#ends.push(answer);
    this.#events.taken();
  }

  #hear(data: Uint8Array): void {
    let beat: ReturnType<typeof decodeBeat>;
    try {
      beat = decodeBeat(data);
    } catch {
      return;
    }
    if (beat.run === this.#run) return;
    if (beat.type === "removed") {
      this.#heardAtMs = Number.NEGATIVE_INFINITY;
      this.#sinceMs = Number.NEGATIVE_INFINITY;
      void this.#ask();
      return;
    }
    this.#heardAtMs = performance.now();
    if (!this.#isHeld) return;
    if (beat.run > this.#run) {
      this.#events.contested();
      return;
    }
    this.attach();
    this.#wasHeld = false;
    this.#complain(`another recorder has the camera id "${this.#id}"`);
  }

  #complain(reason: string): void {
    if (this.#complaint === reason) return;
    this.#complaint = reason;
    this.#events.refused(reason);
  }
}
