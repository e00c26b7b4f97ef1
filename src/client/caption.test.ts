import { expect, test } from "vitest";
import { age, caption, duration } from "./caption.ts";
import { NO_STATS } from "./stats.ts";

test("trouble says what, why and for how long", () => {
  expect(caption({ ...NO_STATS, state: "gone", reason: "no device at /dev/video7.", forMs: 12_900 })).toEqual(
    {
      state: "Gone",
      notice: "No device at /dev/video7",
      detail: "Gone for 12 s · trying again",
    },
  );
  expect(caption({ ...NO_STATS, state: "stale", forMs: 3_100 })).toEqual({
    state: "Stale",
    notice: "No new picture",
    detail: "for 3 s",
  });
});

test("a picture that is still there is told with its age, which goes on", () => {
  const gone = { ...NO_STATS, state: "gone", reason: "unplugged", forMs: 14_000 } as const;
  expect(caption({ ...gone, pictureAgeMs: 14_120 }).picture).toBe("The picture is 14 s old");
  expect(caption({ ...gone, pictureAgeMs: 15_120 }).picture).toBe("The picture is 15 s old");
  expect(caption(gone).picture).toBeUndefined();
  expect(caption({ ...NO_STATS, state: "opening", pictureAgeMs: 3_000 }).picture).toBe(
    "The picture is 3 s old",
  );
  expect(caption({ ...NO_STATS, state: "live", pictureAgeMs: 40 }).picture).toBeUndefined();
});

test("what lasts is told with the time at which it began", () => {
  const noonMs = new Date(2026, 10, 25, 12, 0, 30).getTime();
  const gone = { ...NO_STATS, state: "gone", reason: "unplugged" } as const;
  expect(caption({ ...gone, forMs: 59_999 }, noonMs).detail).toBe("Gone for 59 s · trying again");
  expect(caption({ ...gone, forMs: 180_000 }, noonMs).detail).toBe(
    "Gone for 3 min, since 11:57 · trying again",
  );
  expect(caption({ ...gone, forMs: 13 * 3_600_000 }, noonMs).detail).toBe(
    "Gone for 13 h, since 24 Nov 23:00 · trying again",
  );
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

test("what a reason names keeps its spelling", () => {
  const notice = (reason: string): string | undefined =>
    caption({ ...NO_STATS, state: "gone", reason }).notice;
  expect(notice("usb:1d6b:0102 is not plugged in")).toBe("usb:1d6b:0102 is not plugged in");
  expect(notice("/dev/video0 is busy")).toBe("/dev/video0 is busy");
  expect(notice("no frame for 2 s")).toBe("No frame for 2 s");
  expect(notice("unplugged")).toBe("Unplugged");
});
