import { describe, expect, test } from "vitest";
import { encodesAnew, type Sample, type Showing, showing, summarize } from "./samples.ts";

const sample = (atMs: number, ageMs: number, track = "jpeg"): Sample => ({ atMs, ageMs, sequence: 0, track });

function shown(durationMs: number, samples: readonly Sample[], rest: Partial<Showing> = {}): Showing {
  return { durationMs, samples, before: sample(0, 0), unstamped: 0, ...rest };
}

function oldest(showing: Showing): number | undefined {
  return summarize(showing).ages?.oldestShownMs;
}

test("quantiles, rate and switches", () => {
  const samples = Array.from({ length: 200 }, (_, i) => sample(i * 10, i + 1, i < 50 ? "h264" : "jpeg"));
  expect(summarize(shown(2000, samples, { before: sample(-10, 1, "h264") }))).toEqual({
    frames: 200,
    framesPerSecond: 100,
    switches: 1,
    ages: { p50Ms: 101, p99Ms: 199, maxMs: 200, oldestShownMs: 210 },
  });
});

test("a 99th percentile of few pictures is not told: it would be the highest", () => {
  const samples = Array.from({ length: 199 }, (_, i) => sample(i * 10, i + 1));
  expect(summarize(shown(2000, samples)).ages).toMatchObject({ p99Ms: undefined, maxMs: 199 });
});

describe("the picture on the screen grows old", () => {
  test("until another comes, and to the end", () => {
    expect(oldest(shown(3100, [sample(0, 20), sample(3000, 50)]))).toBe(3020);
    expect(oldest(shown(5000, [sample(0, 20)]))).toBe(5020);
  });

  test("that is there when the measurement begins", () => {
    expect(oldest(shown(10_000, [sample(9000, 50)], { before: sample(-100, 200) }))).toBe(9300);
    expect(oldest(shown(4000, [], { before: sample(-100, 200) }))).toBe(4300);
  });

  test("and an empty screen is as old as the measurement", () => {
    expect(oldest(shown(10_000, [sample(9000, 50)], { before: undefined }))).toBe(9000);
    expect(summarize(shown(4000, [], { before: undefined }))).toMatchObject({
      frames: 0,
      ages: { p50Ms: undefined, maxMs: undefined, oldestShownMs: 4000 },
    });
  });
});

test("a switch from what was on the screen is one", () => {
  expect(summarize(shown(1000, [sample(10, 1, "jpeg")], { before: sample(-10, 1, "h264") })).switches).toBe(
    1,
  );
});

describe("pictures without a stamp", () => {
  const stamped = Array.from({ length: 100 }, (_, i) => sample(i * 10, 40));

  test("are frames all the same, whose ages nobody knows", () => {
    const summary = summarize(shown(10_000, [], { unstamped: 300 }));
    expect(summary).toEqual({ frames: 300, framesPerSecond: 30, switches: 0, ages: undefined });
  });

  test("leave the ages of the others untold if there are more than a few", () => {
    expect(encodesAnew(shown(1000, stamped, { unstamped: 4 }))).toBe(true);
    expect(encodesAnew(shown(1000, stamped, { unstamped: 3 }))).toBe(false);
    expect(encodesAnew(shown(1000, [], { unstamped: 1 }))).toBe(true);
    expect(encodesAnew(shown(1000, []))).toBe(false);
    expect(summarize(shown(1000, stamped, { unstamped: 3 })).ages?.maxMs).toBe(40);
  });
});

test("a measurement has the pictures of its time, and the last one from before", () => {
  const picture = (shownAt: number, capturedAt: number | undefined) => ({
    shownAt,
    capturedAt,
    sequence: 1,
    track: "jpeg",
  });
  const pictures = [
    picture(1_000, 500),
    picture(2_000, 1_000),
    picture(2_500, undefined),
    picture(3_000, 2_900),
    picture(3_500, undefined),
    picture(5_000, 4_000),
    picture(5_001, 4_500),
  ];
  expect(showing(pictures, 3_000, 5_000)).toEqual({
    durationMs: 2,
    before: { atMs: -1, ageMs: 1, sequence: 1, track: "jpeg" },
    samples: [
      { atMs: 0, ageMs: 0.1, sequence: 1, track: "jpeg" },
      { atMs: 2, ageMs: 1, sequence: 1, track: "jpeg" },
    ],
    unstamped: 1,
  });
});
