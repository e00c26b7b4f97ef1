import type { Bus, SubscriberEvents, Subscription } from "../../src/bus/bus.ts";
import { Gop } from "../../src/flow/gop.ts";
import { KeyframeWishes } from "../../src/flow/keyframe-wishes.ts";
import { Feed } from "../../src/hub/feed.ts";
import { type Ack, type Frame, micros } from "../../src/protocol/index.ts";
import type { SimulatedLink } from "./simulated-link.ts";
import { random, type SimulatedTime } from "./simulated-time.ts";

/** A track of the simulated camera. */
export interface TrackPlan {
  readonly name: string;
  /** Frames per second. */
  readonly rate: number;
  /** Of a frame between two keyframes; of each, where all are keyframes. */
  readonly bytes: number;
  /** Sizes vary by this part of them, evenly. */
  readonly spread?: number;
  /** With deltas: bytes of a keyframe, and frames from one to the next. */
  readonly keyframeBytes?: number;
  readonly gopFrames?: number;
  /** Each so many-th frame within a group of pictures is one that no other needs. */
  readonly discardableEvery?: number;
  /** Each so many-th frame reaches the hub at all. */
  readonly every?: number;
  /** From capture to publication. */
  readonly encodeMs?: number;
}

/** One camera and the real hub's rules for one viewer of it, at the end of a simulated link. */
export class SimulatedHub {
  readonly #time: SimulatedTime;
  readonly #link: SimulatedLink;
  readonly #channels = new Map<string, Channel>();
  readonly #feeds = new Map<string, Feed>();

  constructor(time: SimulatedTime, link: SimulatedLink, tracks: readonly TrackPlan[], seed = 1) {
    this.#time = time;
    this.#link = link;
    tracks.forEach((track, n) => {
      this.#channels.set(track.name, new Channel(time, track, n + 1, seed + n));
    });
    link.drained = () => {
      for (const feed of this.#feeds.values()) feed.pump();
    };
  }

  /** Keyframes that were asked for. */
  get wanted(): number {
    let wanted = 0;
    for (const channel of this.#channels.values()) wanted += channel.wanted;
    return wanted;
  }

  /** The viewer's `watch` came. `receive` is called when a frame has reached the viewer. */
  watch(track: string, windowFrames: number, receive: (frame: Frame.Frame) => void): void {
    const known = this.#feeds.get(track);
    if (known !== undefined) {
      known.resize(windowFrames);
      return;
    }
    const link = this.#link;
    const feed = new Feed(
      { subscribe: (_, name, events) => this.#channels.get(name)!.subscribe(events) } as Bus,
      { camera: "camera", track, windowFrames, skipsDiscardable: true },
      {
        get ready() {
          return link.ready;
        },
        send: (frame) => link.down(frame.payload.byteLength, () => receive(frame)),
      },
      () => undefined,
    );
    this.#feeds.set(track, feed);
    feed.pump();
  }

  unwatch(track: string): void {
    this.#feeds.get(track)?.close();
    this.#feeds.delete(track);
  }

  acknowledge(track: string, { sequence, windowFrames }: Ack.Ack): void {
    this.#feeds.get(track)?.acknowledge(sequence, windowFrames);
  }

  wantKeyframe(track: string): void {
    this.#feeds.get(track)?.wantKeyframe();
  }

  /** `answer` reaches the viewer behind all that was sent before. */
  ask(answer: (atMs: number) => void): void {
    const atMs = this.#time.nowMs;
    this.#link.down(60, () => answer(atMs));
  }
}

class Channel {
  wanted = 0;
  readonly #gop = new Gop();
  readonly #subscribers = new Set<SubscriberEvents>();
  readonly #wishes = new KeyframeWishes();
  readonly #number: number;
  #want = true;
  readonly #time: SimulatedTime;

  constructor(time: SimulatedTime, plan: TrackPlan, number: number, seed: number) {
    this.#time = time;
    this.#number = number;
    const next = random(seed);
    let since = 0;
    const { bytes, spread = 0, keyframeBytes = bytes, gopFrames = 1, every = 1, encodeMs = 0 } = plan;
    const { discardableEvery = 0 } = plan;
    time.every(1000 / plan.rate, (sequence) => {
      if (sequence % every !== 0) return;
      // Nobody takes it, nobody makes it: the next who comes is the first to see it.
      if (this.#subscribers.size === 0) {
        this.#gop.clear();
        this.#want = true;
        return;
      }
      const keyframe = gopFrames === 1 || this.#want || since >= gopFrames;
      since = keyframe ? 1 : since + 1;
      this.#want = false;
      const size = Math.round((keyframe ? keyframeBytes : bytes) * (1 + spread * (2 * next() - 1)));
      const discardable = discardableEvery > 0 && since % discardableEvery === 0;
      const capturedAt = micros(Math.round(time.nowMs * 1000));
      time.after(encodeMs, () => {
        this.#gop.put({
          track: number,
          sequence,
          capturedAt,
          keyframe,
          discardable,
          layer: 0,
          payload: { byteLength: Math.max(1, size) } as Uint8Array,
        });
        for (const subscriber of this.#subscribers) subscriber.frame();
      });
    });
  }

  subscribe(events: SubscriberEvents): Subscription {
    this.#subscribers.add(events);
    const gop = this.#gop;
    return {
      number: this.#number,
      get newest() {
        return gop.newest;
      },
      skip: () => {},
      after: (sequence) => gop.after(sequence),
      postpone: () => false,
      wantKeyframe: () => {
        if (!this.#wishes.admits(this.#time.nowMs)) return;
        this.wanted++;
        this.#want = true;
      },
      close: () => this.#subscribers.delete(events),
    };
  }
}
