import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { Allowance } from "./allowance.ts";
import { Backoff } from "./backoff.ts";
import { Credit } from "./credit.ts";
import { Rate } from "./rate.ts";

describe("credit", () => {
  test("lets as many frames go as the window holds, and more when they are acknowledged", () => {
    const credit = new Credit(2);
    credit.spend(1);
    expect(credit.available).toBe(true);
    credit.spend(2);
    expect(credit.available).toBe(false);
    credit.acknowledge(1, 2);
    expect(credit.available).toBe(true);
    expect(credit.inFlight).toBe(1);
  });

  test("takes an acknowledgement for all before it, skipped frames too", () => {
    const credit = new Credit(3);
    for (const sequence of [10, 14, 20]) credit.spend(sequence);
    credit.acknowledge(15, 3);
    expect(credit.inFlight).toBe(1);
  });

  test("is not fooled by one that is repeated, late, or before a wrap", () => {
    const credit = new Credit(4);
    for (const sequence of [0xffff_fffe, 0xffff_ffff, 0, 1]) credit.spend(sequence);
    credit.acknowledge(0xffff_ffff, 4);
    credit.acknowledge(0xffff_ffff, 4);
    credit.acknowledge(0xffff_fff0, 4);
    expect(credit.inFlight).toBe(2);
    credit.acknowledge(1, 4);
    expect(credit.inFlight).toBe(0);
  });

  test("with a window of 0 is a pause", () => {
    const credit = new Credit(2);
    credit.acknowledge(0, 0);
    expect(credit.available).toBe(false);
    credit.resize(1);
    expect(credit.available).toBe(true);
  });

  test("agrees with a plain list of what is in flight, over any course of events", () => {
    const events = fc.array(
      fc.oneof(
        fc.constant("send" as const),
        fc.record({
          behind: fc.integer({ min: 0, max: 80 }),
          window: fc.integer({ min: 0, max: Limits.MAX_WINDOW_FRAMES }),
        }),
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(events, (script) => {
        const credit = new Credit(8);
        let list: number[] = [];
        let next = 100;
        for (const event of script) {
          if (event === "send") {
            next += 2;
            if (!credit.available) continue;
            credit.spend(next);
            list.push(next);
          } else {
            credit.acknowledge(next - event.behind, event.window);
            list = list.filter((sequence) => sequence > next - event.behind);
          }
          expect(credit.inFlight).toBe(list.length);
          expect(credit.available).toBe(list.length < credit.windowFrames);
        }
      }),
    );
  });
});

describe("an allowance", () => {
  test("gives its burst, then what time and earnings bring", () => {
    const allowance = new Allowance(3, 10);
    const take = (times: number, nowMs: number): boolean[] =>
      Array.from({ length: times }, () => allowance.take(nowMs));
    expect(take(4, 0)).toEqual([true, true, true, false]);
    expect(take(2, 100)).toEqual([true, false]);
    allowance.earn(2);
    expect(take(3, 100)).toEqual([true, true, false]);
    expect(take(4, 60_100)).toEqual([true, true, true, false]);
  });

  test("gives no second burst for a time in which it was full", () => {
    const allowance = new Allowance(3, 10);
    expect(Array.from({ length: 4 }, () => allowance.take(60_000))).toEqual([true, true, true, false]);
  });

  test("is a bucket that fills all the time, over any course of events", () => {
    const [burst, perSecond] = [20, 8];
    const events = fc.array(
      fc.record({
        waitMs: fc.integer({ min: 0, max: 4_000 }),
        earned: fc.integer({ min: 0, max: 3 }),
        taken: fc.integer({ min: 0, max: 30 }),
      }),
      { maxLength: 100 },
    );
    fc.assert(
      fc.property(events, (script) => {
        const allowance = new Allowance(burst, perSecond);
        let nowMs = 0;
        // In parts of a thousand, so that nothing is rounded.
        let left = burst * 1000;
        for (const { waitMs, earned, taken } of script) {
          nowMs += waitMs;
          left = Math.min(burst * 1000, left + waitMs * perSecond + earned * 1000);
          allowance.earn(earned);
          for (let n = 0; n < taken; n++) {
            const isThere = left >= 1000;
            expect(allowance.take(nowMs)).toBe(isThere);
            if (isThere) left -= 1000;
          }
        }
      }),
    );
  });
});

describe("a back-off", () => {
  test("doubles up to its cap and starts again", () => {
    const backoff = new Backoff({ firstMs: 100, maxMs: 5000, random: () => 1 });
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([
      100, 200, 400, 800, 1600, 3200, 5000, 5000,
    ]);
    backoff.reset();
    expect(backoff.next()).toBe(100);
  });

  test("spreads what it says, downward only", () => {
    expect(new Backoff({ firstMs: 100, maxMs: 100, random: () => 0 }).next()).toBe(75);
  });
});

describe("a rate", () => {
  test("follows what comes, and falls to nothing when nothing comes", () => {
    const rate = new Rate(2000);
    for (let nowMs = 10_000; nowMs < 15_000; nowMs += 40) rate.add(nowMs);
    expect(rate.perSecond(15_000)).toBeCloseTo(25, 0);
    expect(rate.perSecond(16_200)).toBeLessThan(15);
    expect(rate.perSecond(20_000)).toBe(0);
  });

  test("is known soon after the start and counts bytes as well", () => {
    const rate = new Rate(2000);
    for (let nowMs = 500; nowMs < 1500; nowMs += 100) rate.add(nowMs, 1000);
    expect(rate.perSecond(1500)).toBeCloseTo(10_000, -3);
    expect(new Rate().perSecond(5)).toBe(0);
  });
});
