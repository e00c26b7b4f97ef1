import fc from "fast-check";
import { expect, test } from "vitest";
import { Floor } from "./floor.ts";

test("it keeps the least, and lets go of it after two spans", () => {
  const floor = new Floor(100);
  expect(floor.value).toBe(Number.POSITIVE_INFINITY);
  expect(floor.add(5, 0)).toBe(5);
  expect(floor.add(9, 99)).toBe(5);
  expect(floor.add(9, 100)).toBe(5);
  expect(floor.add(7, 199)).toBe(5);
  expect(floor.add(9, 200)).toBe(7);
});

test("it is never above what was just seen, nor below all that was seen within two spans", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer(), fc.nat(50)), { minLength: 1 }), (values) => {
      const floor = new Floor(100);
      const seen: { value: number; atMs: number }[] = [];
      let nowMs = 0;
      for (const [value, stepMs] of values) {
        nowMs += stepMs;
        seen.push({ value, atMs: nowMs });
        const least = floor.add(value, nowMs);
        expect(least).toBeLessThanOrEqual(value);
        const recent = seen.filter(({ atMs }) => atMs > nowMs - 250).map((one) => one.value);
        expect(least).toBeGreaterThanOrEqual(Math.min(...recent));
      }
    }),
  );
});
