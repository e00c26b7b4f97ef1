import { describe, expect, test } from "vitest";
import { Gop } from "../flow/index.ts";
import type { Frame, Micros } from "../protocol/index.ts";
import { Feed } from "./feed.ts";
import type { SubscriberEvents, Tracks } from "./tracks.ts";

/** A track whose subscribers are told when the test says so. */
class Track {
  readonly gop = new Gop();
  readonly sent: number[] = [];
  readonly feed: Feed;
  isRound = false;
  postponed = 0;
  #events: SubscriberEvents | undefined;

  constructor(windowFrames: number) {
    const { gop } = this;
    const bus: Pick<Tracks, "subscribe"> = {
      subscribe: (_camera, _track, events) => {
        this.#events = events;
        return {
          number: 1,
          get newest() {
            return gop.newest;
          },
          after: (sequence) => gop.after(sequence),
          skip: () => {},
          postpone: () => {
            if (this.isRound) this.postponed++;
            return this.isRound;
          },
          wantKeyframe: () => {},
          close: () => {},
        };
      },
    };
    const outlet = { ready: true, send: (frame: Frame.Frame) => void this.sent.push(frame.sequence) };
    const track = { camera: "front", track: "jpeg", windowFrames, skipsDiscardable: true };
    this.feed = new Feed(bus as Tracks, track, outlet, () => {});
  }

  /** A frame comes; the subscriber is told of it, unless its turn is later. */
  put(sequence: number, tell = true): void {
    const facts = { track: 1, capturedAt: sequence as Micros, keyframe: true, discardable: true, layer: 0 };
    this.gop.put({ ...facts, sequence, payload: new Uint8Array(1) });
    if (tell) this.tell();
  }

  tell(): void {
    this.#events?.frame();
  }
}

describe("a feed", () => {
  test("sends the newest as soon as there is credit for it", () => {
    const track = new Track(1);
    track.put(1);
    track.put(2);
    track.put(3);
    track.feed.acknowledge(1, 1);
    expect(track.sent).toEqual([1, 3]);
  });

  test("waits for its turn where many are served in turn, and then sends what is the newest", () => {
    const track = new Track(1);
    track.put(1);
    track.isRound = true;
    track.put(2, false);
    track.feed.acknowledge(1, 1);
    expect(track.sent).toEqual([1]);
    expect(track.postponed).toBe(1);
    track.put(3, false);
    track.tell();
    expect(track.sent).toEqual([1, 3]);
  });

  test("asks for no turn when it has the newest", () => {
    const track = new Track(2);
    track.put(1);
    track.isRound = true;
    track.feed.acknowledge(1, 2);
    expect(track.postponed).toBe(0);
  });
});
