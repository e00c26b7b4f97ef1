import { describe, expect, test } from "vitest";
import { recoveryMs, slumpOf } from "./recovery.ts";
import type { Sample } from "./samples.ts";

const sample = (atMs: number, ageMs: number, track: string): Sample => ({ atMs, ageMs, sequence: 0, track });
const SLUMP = { fromMs: 1_000, toMs: 2_000 };

describe("the time back to full quality", () => {
  const before = [sample(800, 40, "h264"), sample(900, 60, "h264")];

  test("counts from the recovery of the link to the first picture of the track before", () => {
    const after = [sample(2_100, 50, "h264-270p"), sample(2_900, 55, "h264"), sample(2_950, 40, "h264")];
    expect(recoveryMs([...before, sample(1_500, 900, "h264-270p"), ...after], SLUMP)).toBe(900);
  });

  test("does not count what is of that track and old", () => {
    const after = [sample(2_010, 1_200, "h264"), sample(2_300, 60, "h264")];
    expect(recoveryMs([...before, ...after], SLUMP)).toBe(300);
  });

  test("is not known when it does not come back, or was not there before", () => {
    expect(recoveryMs([...before, sample(2_500, 40, "h264-270p")], SLUMP)).toBeUndefined();
    expect(recoveryMs([sample(2_500, 40, "h264")], SLUMP)).toBeUndefined();
  });
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
