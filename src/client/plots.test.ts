import fc from "fast-check";
import { expect, test } from "vitest";
import { roof } from "./plots.ts";

test("an axis ends at a round number", () => {
  expect([0.3, 1, 1.2, 30, 42, 99, 100, 5_001].map(roof)).toEqual([0.5, 1, 2, 50, 50, 100, 100, 10_000]);
});

test("an axis holds what it shows, and no more than twice and a half", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1e9, noNaN: true }), (value) => {
      expect(roof(value)).toBeGreaterThanOrEqual(value * (1 - 1e-9));
      expect(roof(value)).toBeLessThanOrEqual(value * 2.5 * (1 + 1e-9));
    }),
  );
});
