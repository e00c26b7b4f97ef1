import { expect, test } from "vitest";
import { type Sample, summarize } from "./samples.ts";

const sample = (atMs: number, ageMs: number, track = "jpeg"): Sample => ({ atMs, ageMs, sequence: 0, track });

test("quantiles, rate and switches", () => {
  const samples = Array.from({ length: 100 }, (_, i) => sample(i * 10, i + 1, i < 50 ? "h264" : "jpeg"));
  expect(summarize(samples, 1000)).toEqual({
    frames: 100,
    framesPerSecond: 100,
    p50Ms: 51,
    p99Ms: 100,
    maxMs: 100,
    oldestShownMs: 110,
    switches: 1,
  });
});

test("a picture that is not replaced grows old on the screen", () => {
  expect(summarize([sample(0, 20), sample(3000, 50)], 3100).oldestShownMs).toBe(3020);
  expect(summarize([sample(0, 20)], 5000).oldestShownMs).toBe(5020);
});

test("nothing shown is the oldest of all", () => {
  const { frames, oldestShownMs, p50Ms } = summarize([], 4000);
  expect([frames, oldestShownMs, p50Ms]).toEqual([0, 4000, Number.NaN]);
});
