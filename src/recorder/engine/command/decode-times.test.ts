import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeTimes } from "./decode-times.ts";

test("pictures that are shown in another order are decoded one interval after the other", () => {
  const times = new DecodeTimes(1);
  expect([0, 120, 40, 80, 240, 160, 200].map((pts) => times.next(pts))).toEqual([
    undefined,
    0,
    40,
    80,
    120,
    160,
    200,
  ]);
});

test("without a delay it is the time to show", () => {
  const times = new DecodeTimes(0);
  expect([5, 10, 15].map((pts) => times.next(pts))).toEqual([5, 10, 15]);
});

test("whatever the order, and whatever was said of it, it never goes back", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 4 }),
      fc.array(fc.integer({ min: 0, max: 1000 })),
      (delay, stamps) => {
        const times = new DecodeTimes(delay);
        const known = stamps.map((pts) => times.next(pts)).filter((time) => time !== undefined);
        expect(known).toEqual([...known].sort((a, b) => a - b));
      },
    ),
  );
});
