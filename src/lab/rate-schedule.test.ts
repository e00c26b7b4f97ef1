import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RateSchedule } from "./rate-schedule.ts";

describe("a schedule of rates", () => {
  test("100 kB at 8 Mbit/s take 100 ms", () => {
    expect(new RateSchedule([{ fromMs: 0, bitsPerSecond: 8e6 }]).finishMs(50, 100_000)).toBeCloseTo(150);
  });

  test("a change in the middle counts from its time on", () => {
    const schedule = new RateSchedule([
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 1000, bitsPerSecond: 4e6 },
    ]);
    // 50 ms at the old rate are half of it, the other half takes twice as long.
    expect(schedule.finishMs(950, 100_000)).toBeCloseTo(1100);
    expect(schedule.at(999)).toBe(8e6);
    expect(schedule.at(1000)).toBe(4e6);
  });

  test("a stall is waited for; one without end has none", () => {
    const stalled = [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 100, bitsPerSecond: 0 },
    ];
    expect(
      new RateSchedule([...stalled, { fromMs: 3100, bitsPerSecond: 8e6 }]).finishMs(50, 100_000),
    ).toBeCloseTo(3150);
    expect(new RateSchedule(stalled).finishMs(50, 100_000)).toBe(Number.POSITIVE_INFINITY);
  });

  test("no limit takes no time", () => {
    expect(new RateSchedule([{ fromMs: 0, bitsPerSecond: Infinity }]).finishMs(7, 1e9)).toBe(7);
  });

  test("a schedule without a step is refused", () => {
    expect(() => new RateSchedule([])).toThrow(/at least one step/);
  });

  test("one piece takes as long as its parts", () => {
    const steps = fc.array(
      fc.record({
        fromMs: fc.integer({ min: 0, max: 500 }),
        bitsPerSecond: fc.integer({ min: 1e4, max: 1e8 }),
      }),
      { minLength: 1, maxLength: 6 },
    );
    const bytes = fc.integer({ min: 1, max: 20_000 });
    fc.assert(
      fc.property(steps, bytes, bytes, (some, a, b) => {
        const schedule = new RateSchedule(some);
        const parts = schedule.finishMs(schedule.finishMs(0, a), b);
        expect(parts).toBeCloseTo(schedule.finishMs(0, a + b), 5);
      }),
    );
  });
});
