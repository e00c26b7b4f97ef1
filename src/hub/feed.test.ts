import { describe, expect, test } from "vitest";
import { Gop } from "../flow/index.ts";
import { type Frame, Limits, type Micros } from "../protocol/index.ts";
import { Feed } from "./feed.ts";
import type { SubscriberEvents, Tracks } from "./tracks.ts";

/** A track whose subscribers are told when the test says so. */
class Track {
  readonly gop = new Gop();
  readonly sent: number[] = [];
  readonly feed: Feed;
  isRound = false;
  postponed = 0;
  wished = 0;
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
          wantKeyframe: () => {
            this.wished++;
          },
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

  /** A frame of a video comes, 100 ms after the last. */
  play(sequence: number, keyframe: boolean, capturedAt = sequence * 100_000): void {
    const facts = { track: 1, capturedAt: capturedAt as Micros, keyframe, discardable: false, layer: 0 };
    this.gop.put({ ...facts, sequence, payload: new Uint8Array(1) });
    this.tell();
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

  test("that has given a group of pictures up takes no keyframe while a frame is on the way", () => {
    const track = new Track(3);
    for (let n = 0; n < 3; n++) track.play(n, n === 0);
    // The viewer has what it was sent, all but the last; meanwhile it has fallen behind.
    for (let n = 3; n < 10; n++) track.play(n, false);
    track.feed.acknowledge(1, 3);
    expect([track.sent, track.wished]).toEqual([[0, 1, 2], 0]);
    track.play(10, true);
    track.play(11, false);
    expect(track.sent).toEqual([0, 1, 2]);
    track.feed.acknowledge(2, 3);
    expect(track.sent).toEqual([0, 1, 2, 10, 11]);
  });

  test("wishes for one when what was on the way has arrived", () => {
    const track = new Track(3);
    for (let n = 0; n < 10; n++) track.play(n, n === 0);
    track.feed.acknowledge(1, 3);
    expect(track.wished).toBe(0);
    track.feed.acknowledge(2, 3);
    expect([track.sent, track.wished]).toEqual([[0, 1, 2], 1]);
  });

  test("goes on at once for a receiver that asks for more while it has what it was sent", () => {
    const track = new Track(3);
    for (let n = 0; n < 10; n++) track.play(n, n === 0);
    track.feed.acknowledge(1, 3);
    track.feed.resize(4);
    expect(track.wished).toBe(1);
    track.play(10, true);
    expect(track.sent).toEqual([0, 1, 2, 10]);
  });

  test("is not patient by a clock that was set back", () => {
    const track = new Track(3);
    for (let n = 100; n < 110; n++) track.play(n, n === 100);
    track.feed.acknowledge(101, 3);
    track.play(110, true, 1_000_000);
    expect(track.sent).toEqual([100, 101, 102, 110]);
  });

  test("of stills never wishes for a keyframe, whatever its window and however slow its receiver", () => {
    const track = new Track(3);
    for (let n = 0; n < 20; n++) track.put(n, n % 3 === 0);
    track.feed.acknowledge(6, 3);
    track.feed.pump();
    track.feed.acknowledge(19, 8);
    track.feed.pump();
    expect([track.sent, track.wished]).toEqual([[0, 3, 6, 19], 0]);
  });

  test("that joins a group of pictures whose beginning is gone wishes for a keyframe at once", () => {
    const track = new Track(0);
    for (let n = 0; n <= Limits.MAX_GOP_FRAMES; n++) track.play(n, n === 0);
    expect(track.wished).toBe(0);
    track.feed.resize(3);
    expect([track.sent, track.wished]).toEqual([[], 1]);
    track.play(700, true);
    track.play(701, false);
    expect([track.sent, track.wished]).toEqual([[700, 701], 1]);
  });

  test("whose place in it was cut away wishes for one when what is on the way has arrived", () => {
    const track = new Track(2);
    // All at one time: nothing tells that the receiver is late.
    for (let n = 0; n <= Limits.MAX_GOP_FRAMES; n++) track.play(n, n === 0, 1_000_000);
    track.feed.acknowledge(0, 2);
    expect([track.sent, track.wished]).toEqual([[0, 1], 0]);
    track.feed.acknowledge(1, 2);
    expect([track.sent, track.wished]).toEqual([[0, 1], 1]);
  });

  test("wishes for a keyframe at once where nothing is on the way", () => {
    const track = new Track(2);
    for (let n = 0; n < 10; n++) track.play(n, n === 0);
    expect(track.wished).toBe(0);
    track.feed.acknowledge(1, 2);
    expect([track.sent, track.wished]).toEqual([[0, 1], 1]);
  });

  test("waits no longer than a second: the last frame may be held until another comes", () => {
    const track = new Track(3);
    for (let n = 0; n < 10; n++) track.play(n, n === 0);
    track.feed.acknowledge(1, 3);
    for (let n = 10; n < 20; n++) track.play(n, false);
    expect(track.wished).toBe(0);
    for (let n = 20; n < 24; n++) track.play(n, n === 22);
    expect(track.wished).toBeGreaterThan(0);
    expect(track.sent).toEqual([0, 1, 2, 22, 23]);
  });
});
