import { KeyframeWishes } from "../flow/index.ts";
import type { Frame } from "../protocol/index.ts";
import type { OfferedFrame, SubscriberEvents, Subscription, TrackFigures } from "./bus.ts";
import { FanOut, type Member } from "./fan-out.ts";
import { TrackStock } from "./track-stock.ts";

/** Milliseconds for which a frame of a track that nobody takes is still the present. */
const MAX_IDLE_MS = 1000;

/** Of so many subscribers, one tells the age of what it has painted: the first, and each that comes so many later. */
const WITNESS_EVERY = 32;

/** One track on a memory bus: its newest GOP, its number, and who takes it. */
export class Channel {
  /** Name of the track. */
  readonly track: string;
  /** Called after somebody came or left. */
  readonly #changed: () => void;
  readonly #wanted: () => void;
  /** `undefined` until somebody publishes it: a name that is only asked for has none, and anybody may ask for many. */
  #stock: TrackStock | undefined;
  #joined = 0;
  readonly #fanOut = new FanOut<Taker>();
  readonly #wishes = new KeyframeWishes();
  #number: number | undefined;
  #putAtMs = Number.NEGATIVE_INFINITY;

  /** `wanted` is called when a keyframe is wanted. */
  constructor(track: string, changed: () => void, wanted: () => void) {
    this.track = track;
    this.#changed = changed;
    this.#wanted = wanted;
  }

  /** How many take it. */
  get subscribers(): number {
    return this.#fanOut.members.length;
  }

  /** The number that its frames carry; `undefined` while nobody publishes. */
  get number(): number | undefined {
    return this.#number;
  }

  /** A publisher comes (with a number) or goes (without): what was held is of the past. */
  renumber(number: number | undefined): void {
    this.#number = number;
    if (number !== undefined) this.#stock ??= new TrackStock();
    this.#stock?.counters.breakOff();
    this.#stock?.gop.clear();
    // Some leave when they hear it.
    for (const { events } of this.#fanOut.members.slice()) events.renumbered();
  }

  /** Hold a frame and tell all subscribers. */
  put(offered: OfferedFrame): void {
    const stock = this.#stock;
    if (this.#number === undefined || stock === undefined) return;
    const nowMs = performance.now();
    this.#putAtMs = nowMs;
    stock.frames.add(nowMs);
    stock.bytes.add(nowMs, offered.payload.byteLength);
    stock.counters.put(offered, this.subscribers);
    const frame: Frame.Frame = { ...offered, track: this.#number };
    if (stock.gop.put(frame)) this.#fanOut.ring();
    // They have all that came before the hole: to them nothing seems to be missing.
    else if (this.subscribers > 0) this.wantKeyframe();
  }

  /** Ask the publisher for a keyframe, unless it was asked a moment ago. */
  wantKeyframe(): void {
    if (this.#wishes.admits(performance.now())) this.#wanted();
  }

  /** See {@link Subscription.postpone}. */
  postpone(): boolean {
    return this.#fanOut.prolong();
  }

  /** Forget the frames: the camera is closed or gone, and a newcomer must not take the past for the present. */
  clear(): void {
    this.#stock?.gop.clear();
  }

  /** See {@link Subscription.newest}. */
  get newest(): Frame.Frame | undefined {
    return this.#stock?.gop.newest;
  }

  /** See {@link Subscription.after}. */
  after(sequence: number | undefined): Frame.Frame | undefined {
    return this.#stock?.gop.after(sequence);
  }

  /** Take the track. */
  subscribe(events: SubscriberEvents): Subscription {
    const isFirst = this.subscribers === 0;
    if (isFirst) this.#stock?.counters.breakOff();
    // Nobody took it, so it may not have been produced: what is held may be from long ago.
    if (isFirst && performance.now() - this.#putAtMs > MAX_IDLE_MS) this.clear();
    const taker = new Taker(this, events, () => {
      if (this.#fanOut.remove(taker)) this.#changed();
    });
    this.#fanOut.add(taker);
    this.#changed();
    return taker;
  }

  /** See {@link Subscription.skip}. */
  skip(frames: number): void {
    this.#stock?.counters.skip(frames);
  }

  /** What the next subscriber has as {@link Subscription.painted}. */
  witness(): ((capturedAt: number) => void) | undefined {
    const isOne = this.#joined++ % WITNESS_EVERY === 0;
    return isOne ? (capturedAt) => this.#stock?.counters.painted(capturedAt) : undefined;
  }

  /** Its figures now; `undefined` of a name that was only asked for. */
  figures(): TrackFigures | undefined {
    const stock = this.#stock;
    if (stock === undefined) return undefined;
    const nowMs = performance.now();
    return {
      track: this.track,
      counts: stock.counters.counts,
      newest: stock.gop.newest,
      framesPerSecond: stock.frames.perSecond(nowMs),
      bytesPerSecond: stock.bytes.perSecond(nowMs),
      overwritten: stock.gop.overwritten,
      subscribers: this.#fanOut.members.length,
    };
  }
}

/** One who takes a track. */
class Taker implements Subscription, Member {
  readonly events: SubscriberEvents;
  /** See {@link Subscription.close}. */
  readonly close: () => void;
  readonly #channel: Channel;
  readonly painted: ((capturedAt: number) => void) | undefined;

  constructor(channel: Channel, events: SubscriberEvents, close: () => void) {
    this.events = events;
    this.close = close;
    this.#channel = channel;
    this.painted = channel.witness();
  }

  get number(): number | undefined {
    return this.#channel.number;
  }

  get newest(): Frame.Frame | undefined {
    return this.#channel.newest;
  }

  skip(frames: number): void {
    this.#channel.skip(frames);
  }

  after(sequence: number | undefined): Frame.Frame | undefined {
    return this.#channel.after(sequence);
  }

  postpone(): boolean {
    return this.#channel.postpone();
  }

  wantKeyframe(): void {
    this.#channel.wantKeyframe();
  }

  ring(): void {
    this.events.frame();
  }
}
