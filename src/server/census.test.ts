import { expect, test } from "vitest";
import type { Micros } from "../protocol/index.ts";
import { sumTallies, type TrackFacts } from "./census.ts";

const facts = (some: Partial<TrackFacts>): TrackFacts => ({
  track: "jpeg",
  framesPerSecond: 0,
  bytesPerSecond: 0,
  overwritten: 0,
  viewers: 0,
  ...some,
});

test("one that does not take the track takes nothing from what the others know", () => {
  const watching = facts({
    framesPerSecond: 30,
    bytesPerSecond: 9000,
    viewers: 3,
    overwritten: 2,
    sequence: 7,
    capturedAt: 70 as Micros,
  });
  const idle = facts({});
  const summed = { viewers: 4, tracks: [watching] };
  expect(
    sumTallies([
      { viewers: 3, tracks: [watching] },
      { viewers: 1, tracks: [idle] },
    ]),
  ).toEqual(summed);
  expect(
    sumTallies([
      { viewers: 1, tracks: [idle] },
      { viewers: 3, tracks: [watching] },
    ]),
  ).toEqual(summed);
});

test("viewers and losses are summed, rates are not, the newest frame is the newest of all", () => {
  const a = facts({ framesPerSecond: 30, viewers: 3, overwritten: 2, sequence: 7, capturedAt: 70 as Micros });
  const b = facts({ framesPerSecond: 29, viewers: 5, overwritten: 1, sequence: 8, capturedAt: 80 as Micros });
  const other = facts({ track: "h264", viewers: 1 });
  const { viewers, tracks } = sumTallies([
    { viewers: 4, tracks: [a, other] },
    { viewers: 5, tracks: [b] },
  ]);
  expect(viewers).toBe(9);
  expect(tracks).toEqual([
    facts({ framesPerSecond: 30, viewers: 8, overwritten: 3, sequence: 8, capturedAt: 80 as Micros }),
    other,
  ]);
});

test("nobody knows nothing", () => {
  expect(sumTallies([])).toEqual({ viewers: 0, tracks: [] });
});
