import fc from "fast-check";
import { expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { KeyframeWishes } from "./keyframe-wishes.ts";

const INTERVAL_MS = Limits.KEYFRAME_INTERVAL_MS;

/** Which of the wishes at these times are passed on. */
function admitted(timesMs: readonly number[]): readonly number[] {
  const wishes = new KeyframeWishes();
  return timesMs.filter((nowMs) => wishes.admits(nowMs));
}

test("the first is passed on, whatever the clock says", () => {
  for (const nowMs of [-1e9, 0, 1, 1e12]) expect(admitted([nowMs])).toEqual([nowMs]);
});

test("those that follow at once become one with it, until the interval is over", () => {
  expect(admitted([100, 100, 350, 100 + INTERVAL_MS - 1, 100 + INTERVAL_MS, 100 + INTERVAL_MS])).toEqual([
    100,
    100 + INTERVAL_MS,
  ]);
});

test("who wishes at every frame is heard as often as the limit allows: what is refused does not prolong the wait", () => {
  const times = Array.from({ length: 500 }, (_, n) => n * 10);
  expect(admitted(times)).toHaveLength(5000 / INTERVAL_MS);
});

test("no two are nearer than the interval, and nobody who wishes waits for longer", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(2 * INTERVAL_MS), { minLength: 1 }), (stepsMs) => {
      let nowMs = 0;
      const times = stepsMs.map((stepMs) => (nowMs += stepMs));
      const passed = admitted(times);
      for (const [n, atMs] of passed.entries())
        if (n > 0) expect(atMs - (passed[n - 1] ?? 0)).toBeGreaterThanOrEqual(INTERVAL_MS);
      for (const wishedMs of times)
        expect(passed.some((atMs) => atMs <= wishedMs && wishedMs < atMs + INTERVAL_MS)).toBe(true);
    }),
  );
});
