/** From `fromMs` on, counted from the start of the link, it carries this much. */
export interface RateStep {
  readonly fromMs: number;
  /** 0: nothing moves. Infinity: the link is no limit. */
  readonly bitsPerSecond: number;
}

/** How much a link carries at what time: one step after the other, the last one for ever. */
export class RateSchedule {
  readonly #steps: readonly RateStep[];

  /** The first step counts from the beginning, whatever it says. */
  constructor(steps: readonly RateStep[]) {
    if (steps.length === 0) throw new RangeError("a link has a rate: expected at least one step");
    this.#steps = steps.toSorted((a, b) => a.fromMs - b.fromMs);
  }

  /** Bits a second at `ms`. */
  at(ms: number): number {
    return this.#steps.findLast(({ fromMs }) => fromMs <= ms)?.bitsPerSecond ?? this.#first;
  }

  /** When the last of `bytes` bytes has left if nothing else leaves from `startMs` on; Infinity if that is never. */
  finishMs(startMs: number, bytes: number): number {
    let ms = startMs;
    let bits = bytes * 8;
    while (bits > 0) {
      const rate = this.at(ms);
      const endMs = this.#steps.find(({ fromMs }) => fromMs > ms)?.fromMs ?? Number.POSITIVE_INFINITY;
      if (rate === Number.POSITIVE_INFINITY) return ms;
      const carried = rate === 0 ? 0 : ((endMs - ms) * rate) / 1000;
      if (carried >= bits) return ms + (bits * 1000) / rate;
      if (endMs === Number.POSITIVE_INFINITY) return endMs;
      bits -= carried;
      ms = endMs;
    }
    return ms;
  }

  get #first(): number {
    return this.#steps[0]?.bitsPerSecond ?? Number.POSITIVE_INFINITY;
  }
}
