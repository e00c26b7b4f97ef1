interface Event {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that jumps from one event to the next, so that hours pass in a moment and each run is like the last. */
export class SimulatedTime {
  // A binary heap by time, then by the order of asking.
  readonly #events: Event[] = [];
  #order = 0;
  #nowMs = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Do `run` at `atMs`, or at once if that is past. */
  at(atMs: number, run: () => void): void {
    const events = this.#events;
    const event = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    let slot = events.length;
    events.push(event);
    while (slot > 0) {
      const parent = (slot - 1) >> 1;
      if (!before(event, events[parent]!)) break;
      events[slot] = events[parent]!;
      slot = parent;
    }
    events[slot] = event;
  }

  after(delayMs: number, run: () => void): void {
    this.at(this.#nowMs + delayMs, run);
  }

  every(intervalMs: number, run: (n: number) => void, n = 0, startMs = this.#nowMs): void {
    this.at(startMs + n * intervalMs, () => {
      run(n);
      this.every(intervalMs, run, n + 1, startMs);
    });
  }

  /** Let time pass until `untilMs`. */
  run(untilMs: number): void {
    for (let next = this.#events[0]; next !== undefined && next.atMs <= untilMs; next = this.#events[0]) {
      this.#pop();
      this.#nowMs = next.atMs;
      next.run();
    }
    this.#nowMs = untilMs;
  }

  #pop(): void {
    const events = this.#events;
    const last = events.pop()!;
    if (events.length === 0) return;
    let slot = 0;
    for (;;) {
      let child = 2 * slot + 1;
      if (child >= events.length) break;
      if (child + 1 < events.length && before(events[child + 1]!, events[child]!)) child++;
      if (!before(events[child]!, last)) break;
      events[slot] = events[child]!;
      slot = child;
    }
    events[slot] = last;
  }
}

function before(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Numbers from 0 to 1 that are the same for the same seed. */
export function random(seed: number): () => number {
  let state = (seed % 0x7fff_fffe) + 1;
  return () => {
    state = (state * 48_271) % 0x7fff_ffff;
    return state / 0x7fff_ffff;
  };
}
