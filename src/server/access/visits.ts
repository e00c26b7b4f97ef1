import type { Visitor } from "./visitor.ts";

/** Longest wait that a timer of Node takes, in ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Visit {
  readonly visitor: Visitor;
  readonly end: () => void;
}

/** Connections that stay, of visitors whose access may end before they leave: then they are ended at once. */
export class Visits {
  readonly #open = new Set<Visit>();
  readonly #holds: (visitor: Visitor) => boolean;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;

  /** `holds`: whether a visitor still has access. */
  constructor(holds: (visitor: Visitor) => boolean) {
    this.#holds = holds;
  }

  /** A connection stays: `end` is called once if its visitor's access ends. Call the answer when it has left. */
  begin(visitor: Visitor, end: () => void): () => void {
    const { endsAtMs, session, share, user, unasked } = visitor;
    const reasons = [endsAtMs, session, share, user, unasked];
    if (reasons.every((reason) => reason === undefined)) return () => {};
    const visit = { visitor, end };
    this.#open.add(visit);
    this.#await(visitor.endsAtMs ?? Number.POSITIVE_INFINITY);
    return () => void this.#open.delete(visit);
  }

  /** End those whose access has ended. */
  review(): void {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const visit of this.#open) {
      if (this.#holds(visit.visitor)) {
        nextMs = Math.min(nextMs, visit.visitor.endsAtMs ?? Number.POSITIVE_INFINITY);
      } else {
        this.#open.delete(visit);
        visit.end();
      }
    }
    this.#clear();
    this.#await(nextMs);
  }

  /** No more. */
  close(): void {
    this.#clear();
    this.#open.clear();
  }

  /** One timer for all: for whoever ends next. */
  #await(atMs: number): void {
    if (atMs >= this.#dueAtMs) return;
    this.#clear();
    this.#dueAtMs = atMs;
    const waitMs = Math.min(Math.max(0, atMs - Date.now()), MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.review(), waitMs);
    this.#timer.unref();
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
  }
}
