import { describe, expect, test } from "vitest";
import { type Micros, micros } from "../protocol/index.ts";
import { captureTime } from "./capture-time.ts";
import { PlayClock } from "./play-clock.ts";
import { RateLimit } from "./rate-limit.ts";

describe("captureTime", () => {
  const clocks = { monotonicMicros: 5_000_000_000, now: micros(1_700_000_000_000_000) };

  test.each([
    ["the steady clock", 5_000_000_000 - 40_000, 40_000],
    ["the wall clock", 1_700_000_000_000_000 - 30_000, 30_000],
    ["the future", 5_000_000_000 + 170_000, 0],
    ["no clock of ours", 12_345, 0],
    ["nothing", undefined, 0],
  ])("a stamp of %s", (_what, stamp, age) => {
    expect(captureTime(stamp, clocks)).toBe(clocks.now - age);
  });
});

describe("PlayClock", () => {
  const play = (stamps: readonly (number | undefined)[], rate?: number): number[] => {
    const clock = new PlayClock(rate);
    return stamps.map((stamp) => clock.due(stamp, 1000));
  };

  test("keeps the distances of the file", () => {
    expect(play([500_000, 540_000, 640_000])).toEqual([1000, 41_000, 141_000]);
  });

  test("goes on at its rate where the file does not say, begins anew, or leaps", () => {
    expect(play([undefined, undefined], 50)).toEqual([1000, 21_000]);
    expect(play([0, 20_000, 0, 20_000], 50)).toEqual([1000, 21_000, 41_000, 61_000]);
    expect(play([0, 3_600_000_000], 50)).toEqual([1000, 21_000]);
  });

  test("catches up a little and gives up a lot", () => {
    const clock = new PlayClock(25);
    clock.due(0, 0);
    expect(clock.due(40_000, 500_000)).toBe(40_000);
    expect(clock.due(80_000, 2_000_000)).toBe(2_000_000);
    expect(clock.due(120_000, 2_000_000)).toBe(2_040_000);
  });
});

describe("RateLimit", () => {
  const passed = (rate: number | undefined, stamps: readonly number[]): number[] => {
    const limit = new RateLimit(rate);
    return stamps.filter((stamp) => limit.admits(stamp as Micros));
  };
  const thirty = Array.from({ length: 300 }, (_, index) => 1_000_000 + Math.round((index * 1_000_000) / 30));

  test("lets all pass without a rate, and at the rate they have", () => {
    expect(passed(undefined, thirty)).toEqual(thirty);
    expect(passed(30, thirty)).toHaveLength(300);
    expect(passed(60, thirty)).toHaveLength(300);
  });

  test("thins out to the rate on the whole", () => {
    expect(passed(15, thirty)).toHaveLength(150);
    expect(passed(20, thirty).length).toBeCloseTo(200, -1);
    // Ten seconds hold eleven: from the second on they come up to a quarter of the interval early.
    expect(passed(1, thirty)).toHaveLength(11);
  });

  test("does not wait for a clock that was set back", () => {
    expect(passed(10, [10_000_000, 1_000_000, 1_100_000])).toHaveLength(3);
  });
});
