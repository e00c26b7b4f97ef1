/** Frames whose times are compared. */
const FRAMES = 12;

/** A frame that is smaller than usual by more than this says nothing about usual ones. */
const MAX_SCALE = 4;

/** Two frames in a row that took so much longer, or one that took so much less: this is another link. */
const SLOWER = 1.5;
const FASTER = 0.7;

/** A frame that took so much longer than usual was held up: what follows it has waited for it, and comes the sooner. */
const LATE = 1.2;

/** One that took so much longer may be the first of many: a link that has become slow looks like a hiccup at first. */
const OVERDUE = 2;

/**
 * How long the link takes to carry one frame of the usual size. Of a frame that was sent before the last one had come, that
 * is the time between the two. Of which a part was lost, it is late, and what was sent behind it comes all the sooner: the two
 * share their time. What counts is the lower third of a few.
 */
export class Service {
  readonly #times: number[] = [];
  #lateMs: number | undefined;
  #overdue = false;
  #slow = false;
  #alone = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  #freeMs = Number.NEGATIVE_INFINITY;

  /** The time; `undefined` while it is not known. */
  get ms(): number | undefined {
    return this.#times.toSorted((a, b) => a - b)[Math.floor((this.#times.length - 1) / 3)];
  }

  /** The longest of late. */
  get mostMs(): number {
    return Math.max(...this.#times);
  }

  /** Since when the link was free for what was sent behind the last frame. Of one that was held up, that is before it came. */
  get freeMs(): number {
    return this.#freeMs;
  }

  /** Whether the last frame was so late that nobody knows what the link carries now. */
  get overdue(): boolean {
    return this.#overdue;
  }

  /** Frames in a row that had the link for themselves. */
  get alone(): number {
    return this.#alone;
  }

  /**
   * A frame came at `nowMs` with which an empty link would have begun at `sentMs`, as seen from here; `NaN` if that is not
   * known. `part`: its bytes in parts of those of a usual one.
   */
  add(sentMs: number, part: number, nowMs: number): void {
    const busy = sentMs < this.#lastMs;
    const scale = Math.max(part, 1 / MAX_SCALE);
    const tookMs = (nowMs - Math.max(sentMs, this.#lastMs)) / scale;
    const usualMs = this.ms;
    const dueMs = Math.max(sentMs, this.#freeMs) + (usualMs ?? Number.NaN) * scale;
    const late = usualMs !== undefined && tookMs > LATE * usualMs;
    // Held up once is a hiccup, twice is the link.
    this.#freeMs = late && this.#lateMs === undefined && dueMs < nowMs ? dueMs : nowMs;
    this.#lastMs = nowMs;
    this.#overdue = usualMs !== undefined && tookMs > OVERDUE * usualMs;
    if (!(tookMs >= 0)) return;
    if (busy) this.#measure(tookMs);
    else this.#bound(tookMs);
    this.#lateMs = late ? tookMs : undefined;
  }

  /** A frame came at `nowMs` that may have been waited for: its time says nothing. */
  pass(nowMs: number): void {
    this.#lastMs = nowMs;
    this.#freeMs = nowMs;
    this.#lateMs = undefined;
    this.#overdue = false;
  }

  /** Forget what was measured. */
  clear(): void {
    this.#times.length = 0;
  }

  // It came behind another one.
  #measure(tookMs: number): void {
    const slow = tookMs > SLOWER * (this.ms ?? Number.POSITIVE_INFINITY);
    if (slow && this.#slow) this.clear();
    this.#slow = slow;
    this.#alone = 0;
    this.#push(this.#lateMs === undefined || slow ? tookMs : (this.#lateMs + tookMs) / 2);
  }

  // It had the link for itself: no frame takes longer than that.
  #bound(tookMs: number): void {
    const { ms = Number.POSITIVE_INFINITY } = this;
    this.#slow = false;
    this.#alone++;
    if (tookMs >= ms) return;
    if (tookMs < FASTER * ms) this.clear();
    this.#push(tookMs);
  }

  #push(ms: number): void {
    this.#times.push(ms);
    if (this.#times.length > FRAMES) this.#times.shift();
  }
}
