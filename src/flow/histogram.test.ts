import fc from "fast-check";
import { expect, test } from "vitest";
import { Histogram } from "./histogram.ts";

test("a value at a bound is within its range, one above all in the last", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0, 1, 1.5, 2, 2.5, 100]) histogram.observe(value);
  expect(histogram.counted).toEqual({ counts: [2, 2, 2], sum: 107 });
});

test("every value is counted once", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(1000)), (values) => {
      const histogram = new Histogram([1, 10, 100]);
      for (const value of values) histogram.observe(value);
      const { counts, sum } = histogram.counted;
      expect(counts.reduce((all, count) => all + count, 0)).toBe(values.length);
      expect(sum).toBe(values.reduce((all, value) => all + value, 0));
      expect(counts[0]).toBe(values.filter((value) => value <= 1).length);
    }),
  );
});
