import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Frame, now } from "../protocol/index.ts";
import type { NatsLink, NatsTaker } from "./nats-link.ts";
import { Meter } from "./nats-meter.ts";
import { split } from "./nats-parts.ts";

/** A camera of 30/s. */
const INTERVAL_MS = 33;

/** What a way does with the frames of a camera. */
interface Way {
  readonly bytesPerMs: number;
  readonly tripMs: number;
  readonly bytes: number;
  /** How long the camera's recorder takes to publish all messages of a frame. */
  readonly publishMs?: number;
  readonly wideFrames?: number;
}

describe("a metered way", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "performance", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** NATS at the other end of a way: what is published goes to each subscription that has room, in a queue without end. */
  function play({ bytesPerMs, tripMs, bytes, publishMs = 0, wideFrames = 8 }: Way, totalMs: number) {
    const subscriptions = new Set<{ take: NatsTaker; left: number }>();
    let freeAtMs = 0;
    let carriedBytes = 0;
    const later = (atMs: number, what: () => void): void => {
      setTimeout(what, Math.max(0, atMs - performance.now()));
    };
    const link = {
      tripMs,
      probe: () => {},
      subscribe: (_: string, take: NatsTaker, max = Number.POSITIVE_INFINITY) => {
        const subscription = { take, left: max };
        later(performance.now() + tripMs / 2, () => subscriptions.add(subscription));
        return () => later(performance.now() + tripMs / 2, () => subscriptions.delete(subscription));
      },
    } as unknown as NatsLink;
    const publish = (message: Uint8Array): void => {
      for (const subscription of subscriptions) {
        if (--subscription.left === 0) subscriptions.delete(subscription);
        freeAtMs = Math.max(freeAtMs, performance.now()) + message.byteLength / bytesPerMs;
        carriedBytes += message.byteLength;
        later(freeAtMs + tripMs / 2, () => subscription.take(message, "frames", undefined));
      }
    };
    let sequence = 0;
    setInterval(() => {
      const facts = { track: 1, keyframe: true, discardable: false, layer: 0 };
      const frame = { ...facts, sequence: sequence++, capturedAt: now(), payload: new Uint8Array(bytes) };
      const messages = split(frame, 1_048_576);
      for (const [index, message] of messages.entries()) {
        later(performance.now() + (publishMs * index) / messages.length, () => publish(message));
      }
    }, INTERVAL_MS);
    const taken: Frame.Frame[] = [];
    const agesMs: number[] = [];
    let wideAtMs: number | undefined;
    const beganAtMs = performance.now();
    const meter = new Meter(
      {
        subject: "frames",
        messages: 1,
        take: (frame) => {
          if (frame.sequence === taken.at(-1)?.sequence) return;
          taken.push(frame);
          agesMs.push((now() - frame.capturedAt) / 1000);
        },
        quiet: () => {},
        wideFrames,
        wide: () => {
          wideAtMs = performance.now() - beganAtMs;
          meter.close();
        },
      },
      link,
    );
    vi.advanceTimersByTime(totalMs);
    meter.close();
    const settled = agesMs.slice(agesMs.length >> 1).sort((a, b) => a - b);
    return {
      perSecond: (1000 * taken.length) / totalMs,
      used: carriedBytes / (bytesPerMs * totalMs),
      ageMs: settled[settled.length >> 1] ?? 0,
      worstMs: settled.at(-1) ?? 0,
      wideAtMs,
    };
  }

  test.each([2, 20, 100])(
    "is neither idle nor has a queue where it is too narrow, with a round trip of %i ms",
    (tripMs) => {
      const { perSecond, ageMs, worstMs, wideAtMs } = play(
        { bytesPerMs: 1000, tripMs, bytes: 100_000 },
        20_000,
      );
      expect(perSecond).toBeGreaterThan(9.2);
      // A frame takes 100 ms, and half a round trip; it waits for the way for an interval at most.
      expect(ageMs).toBeLessThan(100 + tripMs / 2 + INTERVAL_MS + 5);
      expect(worstMs).toBeLessThan(200 + tripMs / 2 + INTERVAL_MS + 5);
      expect(wideAtMs).toBeUndefined();
    },
  );

  test("begins without a queue, however narrow it is", () => {
    const { perSecond, worstMs } = play({ bytesPerMs: 1000, tripMs: 20, bytes: 250_000 }, 20_000);
    expect(perSecond).toBeGreaterThan(3.7);
    expect(worstMs).toBeLessThan(2 * 250 + 10 + INTERVAL_MS);
  });

  test("is found to be wide where it carries all, soon and without loss of time", () => {
    for (const tripMs of [1, 20, 60]) {
      const { wideAtMs } = play({ bytesPerMs: 10_000, tripMs, bytes: 100_000 }, 5000);
      expect(wideAtMs).toBeLessThan(1500);
    }
  });

  test("is not found to be wide where a tenth of the frames has no room", () => {
    const { wideAtMs, perSecond } = play(
      { bytesPerMs: 2700, tripMs: 20, bytes: 100_000, wideFrames: 32 },
      20_000,
    );
    expect(wideAtMs).toBeUndefined();
    expect(perSecond).toBeGreaterThan(24);
  });

  test("takes frames of many messages whole, also where a subscription begins in the middle of one", () => {
    const way = { bytesPerMs: 2000, tripMs: 20, bytes: 400_000 };
    const burst = play(way, 10_000);
    expect(burst.perSecond).toBeGreaterThan(4.5);
    expect(burst.used).toBeLessThan(1.05);
    const spread = play({ ...way, publishMs: 20 }, 10_000);
    expect(spread.perSecond).toBeGreaterThan(2);
  });
});
