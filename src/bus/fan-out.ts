/** Milliseconds for which a round goes on without a pause: about what a server that keeps up needs for all of them. */
const LONG_MS = 16;

/** Milliseconds of each further part of a round. Short: newcomers come in, and newer frames too, between two parts. */
const SHORT_MS = 2;

/** Members rung between two looks at the clock. */
const STRIDE = 16;

/** One who is rung. */
export interface Member {
  /** Take what there is to take. Never throws; may make members come and go. */
  ring(): void;
}

/** The clock, and how to go on in a later turn of the event loop. */
export interface Turns {
  readonly now: () => number;
  readonly later: (next: () => void) => void;
}

const LOOP: Turns = { now: () => performance.now(), later: (next) => void setImmediate(next) };

/**
 * Rings all members, in rounds. A round that takes long is done in parts, and between them the event loop has its turn.
 *
 * That matters when there are more members than can be served. Node accepts one connection per turn of the event loop, so
 * in a turn that serves thousands nobody comes in, and the next frame waits as well. In parts, each member is given the newest
 * frame of that instant, and the round goes on where it was: all get the same share, whoever came first.
 */
export class FanOut<M extends Member> {
  readonly #members: M[] = [];
  readonly #turns: Turns;
  readonly #goOn = (): void => {
    this.#waiting = false;
    this.#part(SHORT_MS);
  };
  /** Whether the rest of a round waits for a later turn. */
  #waiting = false;
  #next = 0;
  /** Members still to be rung. */
  #left = 0;

  /** `turns` is the event loop, unless a test plays it. */
  constructor(turns: Turns = LOOP) {
    this.#turns = turns;
  }

  /** All members, in no order. */
  get members(): readonly M[] {
    return this.#members;
  }

  /** One more. */
  add(member: M): void {
    this.#members.push(member);
    // A round that goes on at the beginning comes by here first, and the turn is not to be another's.
    if (this.#left > 0) this.#left++;
  }

  /** One less; `false` if it was not there. */
  remove(member: M): boolean {
    const place = this.#members.indexOf(member);
    const last = place < 0 ? undefined : this.#members.pop();
    if (last === undefined) return false;
    if (last !== member) this.#members[place] = last;
    // The last one may have come to stand behind the round.
    if (this.#left > 0) this.#left = this.#members.length;
    return true;
  }

  /** Ring every member at least once from now on, if need be in later turns. */
  ring(): void {
    this.#left = this.#members.length;
    if (!this.#waiting) this.#part(LONG_MS);
  }

  /** Ring every member once more, if a round waits for a later turn; `false` if none does. */
  prolong(): boolean {
    if (this.#waiting) this.#left = this.#members.length;
    return this.#waiting;
  }

  #part(ms: number): void {
    const { now, later } = this.#turns;
    const end = now() + ms;
    for (let rung = 1; this.#left > 0; rung++) {
      if (this.#next >= this.#members.length) this.#next = 0;
      const member = this.#members[this.#next++];
      // Before the call, which may make a further round necessary.
      this.#left--;
      member?.ring();
      if (rung % STRIDE === 0 && this.#left > 0 && now() >= end) {
        this.#waiting = true;
        later(this.#goOn);
        return;
      }
    }
  }
}
