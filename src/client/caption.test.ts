import { expect, test } from "vitest";
import { age, caption, duration } from "./caption.ts";
import { NO_STATS } from "./stats.ts";

test("trouble says what, why and for how long", () => {
  expect(caption({ ...NO_STATS, state: "gone", reason: "no device at /dev/video7.", forMs: 12_900 })).toEqual(
    {
      state: "Gone",
      notice: "No device at /dev/video7",
      detail: "for 12 s · trying again",
    },
  );
  expect(caption({ ...NO_STATS, state: "stale", forMs: 3_100 })).toEqual({
    state: "Stale",
    notice: "No new picture",
    detail: "for 3 s",
  });
});

test("a live picture needs no words", () => {
  expect(caption({ ...NO_STATS, state: "live" })).toEqual({ state: "Live" });
});

test("spans of time are told in one unit", () => {
  expect([0, 59_999, 60_000, 3_600_000, 90_000_000].map(duration)).toEqual([
    "0 s",
    "59 s",
    "1 min",
    "1 h",
    "1 d",
  ]);
});

test("ages are whole milliseconds, never negative", () => {
  expect(age(41.6)).toEqual({ value: "42", unit: "ms" });
  expect(age(-3)).toEqual({ value: "0", unit: "ms" });
  expect(age(12_400)).toEqual({ value: "12", unit: "s" });
});
