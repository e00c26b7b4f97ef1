import { describe, expect, test } from "vitest";
import { beforeSlump, recoveryMs, slumpOf } from "./recovery.ts";
import type { Sample } from "./samples.ts";

const sample = (atMs: number, ageMs: number, track: string): Sample => ({ atMs, ageMs, sequence: 0, track });
const SLUMP = { fromMs: 1_000, toMs: 2_000 };

describe("the time back to full quality", () => {
  const endMs = 10_000;
  const late = sample(900, 1_200, "mjpeg");

  test("counts from the recovery of the link to the first picture of full size", () => {
    const samples = [
      sample(900, 60, "h264"),
      sample(1_500, 900, "h264-270p"),
      sample(2_100, 50, "h264-270p"),
    ];
    const back = [sample(2_900, 55, "h264"), sample(2_950, 40, "h264")];
    expect(recoveryMs([...samples, ...back], SLUMP, endMs)).toBe(900);
  });

  test("is no shorter for who was not at full quality before", () => {
    const samples = [sample(900, 60, "h264-270p"), sample(2_010, 60, "h264-270p")];
    expect(recoveryMs(samples, SLUMP, endMs)).toBeUndefined();
    expect(recoveryMs([...samples, sample(2_800, 60, "h264")], SLUMP, endMs)).toBe(800);
  });

  test("is no shorter for who was late before", () => {
    const samples = [late, sample(2_010, 1_190, "mjpeg"), sample(2_300, 501, "mjpeg")];
    expect(recoveryMs(samples, SLUMP, endMs)).toBeUndefined();
    expect(recoveryMs([...samples, sample(2_600, 500, "mjpeg")], SLUMP, endMs)).toBe(600);
  });

  test("does not count what lasts for a moment", () => {
    const samples = [
      late,
      sample(2_100, 300, "mjpeg"),
      sample(4_099, 600, "mjpeg"),
      sample(4_200, 400, "mjpeg"),
    ];
    expect(recoveryMs(samples, SLUMP, endMs)).toBe(2_200);
    expect(recoveryMs(samples, SLUMP, 6_199)).toBeUndefined();
    expect(recoveryMs([sample(2_100, 300, "mjpeg"), sample(4_100, 600, "mjpeg")], SLUMP, endMs)).toBe(100);
  });

  test("does not count what nobody says the size of", () => {
    expect(recoveryMs([sample(2_010, 40, "unknown")], SLUMP, endMs)).toBeUndefined();
  });
});

test("what was there before a slump is the last track and the highest age", () => {
  const samples = [sample(700, 90, "h264-270p"), sample(900, 60, "h264"), sample(1_000, 400, "jpeg-135p")];
  expect(beforeSlump(samples, SLUMP)).toEqual({ track: "h264", oldestMs: 90 });
  expect(beforeSlump(samples.slice(2), SLUMP)).toBeUndefined();
});

describe("a link has a slump", () => {
  const changes = [
    { fromMs: 5_000, bitsPerSecond: 1 },
    { fromMs: 15_000, bitsPerSecond: 8 },
  ];

  test("when its rate falls and comes back", () => {
    expect(slumpOf({ bitsPerSecond: 8, changes })).toEqual({ fromMs: 5_000, toMs: 15_000 });
  });

  test.each([
    {},
    { bitsPerSecond: 8 },
    { bitsPerSecond: 9, changes },
    { bitsPerSecond: 1, changes },
    { bitsPerSecond: 8, changes: changes.slice(0, 1) },
  ])("not otherwise: %j", (link) => {
    expect(slumpOf(link)).toBeUndefined();
  });
});
