import { expect, test } from "vitest";
import { VideoWork } from "./video-work.ts";

const INTERVAL_MS = 33;

/** A camera's frames, given as they come, and a video that shows them `speed` times as fast, from `behindMs` behind. What it is told of work. */
function play(speed: number, behindMs: number, frames = 60): number[] {
  const told: number[] = [];
  const work = new VideoWork(0, (workMs) => told.push(workMs));
  let atMs = behindMs;
  for (let frame = 0; frame < frames; frame++) {
    atMs = Math.max(atMs + INTERVAL_MS / speed, frame * INTERVAL_MS);
    const newestMs = Math.floor(atMs / INTERVAL_MS) * INTERVAL_MS;
    const pending = { firstAtMs: frame * INTERVAL_MS, behindMs: newestMs - frame * INTERVAL_MS, groupMs: 0 };
    work.shown(1, INTERVAL_MS, pending, atMs);
  }
  return told;
}

test("a video that falls behind works on each frame for as long as it takes to the next", () => {
  const told = play(0.5, 0);
  expect(told.at(-1)).toBeCloseTo(2 * INTERVAL_MS);
});

test("one that catches up does more than it has to", () => {
  const told = play(1.5, 2_000);
  expect(told[5]).toBeCloseTo(INTERVAL_MS / 1.5);
});

test("one that is where it should be waits: whatever it takes, it is no more than the camera does", () => {
  // It plays slower for a while, to be a little further from the edge.
  const told = play(0.8, 0, 20);
  expect(Math.max(...told)).toBeCloseTo(INTERVAL_MS);
});

test("pictures left out were decoded as well", () => {
  const told: number[] = [];
  const work = new VideoWork(0, (workMs) => told.push(workMs));
  work.shown(1, INTERVAL_MS, { firstAtMs: 0, behindMs: 1_000, groupMs: 0 }, 100);
  work.shown(4, INTERVAL_MS, { firstAtMs: 33, behindMs: 1_000, groupMs: 0 }, 200);
  expect(told).toEqual([100, 25]);
});

test("time in which there was nothing to show is no work", () => {
  const told: number[] = [];
  const work = new VideoWork(0, (workMs) => told.push(workMs));
  work.shown(1, INTERVAL_MS, { firstAtMs: 0, behindMs: 0, groupMs: 0 }, 10);
  // The link stood still; then all came at once.
  work.look({ firstAtMs: 5_000, behindMs: 900, groupMs: 0 }, 5_010);
  work.shown(1, INTERVAL_MS, { firstAtMs: 5_000, behindMs: 900, groupMs: 0 }, 5_020);
  expect(told).toEqual([10, 20]);
});

test("a picture that does not come is worked on; the first one may wait for the track before", () => {
  const told: number[] = [];
  const work = new VideoWork(0, (workMs) => told.push(workMs));
  work.look({ firstAtMs: 0, behindMs: 1_000, groupMs: 0 }, 1_400);
  expect(told).toEqual([]);
  work.look({ firstAtMs: 0, behindMs: 1_000, groupMs: 0 }, 1_600);
  work.shown(1, INTERVAL_MS, { firstAtMs: 0, behindMs: 1_000, groupMs: 0 }, 1_700);
  work.look({ firstAtMs: 100, behindMs: 1_000, groupMs: 0 }, 1_900);
  work.look({ firstAtMs: 100, behindMs: 1_000, groupMs: 0 }, 2_100);
  // A camera that gives nothing more.
  work.look({ firstAtMs: 100, behindMs: 0, groupMs: 0 }, 9_000);
  expect(told).toEqual([1_600, 1_700, 400]);
});

test("a jump through a long group of pictures takes its time; a decoder that is as slow as the camera takes longer", () => {
  const told: number[] = [];
  const work = new VideoWork(0, (workMs) => told.push(workMs));
  const pending = { firstAtMs: 0, behindMs: 9_000, groupMs: 10_000 };
  work.shown(1, INTERVAL_MS, pending, 60);
  told.length = 0;
  for (let atMs = 160; atMs < 2_500; atMs += 100) work.look(pending, atMs);
  expect(told).toEqual([]);
  work.look(pending, 3_000);
  expect(told).toEqual([2_940]);
});

test("time in which it was not allowed to play is no work", () => {
  const told: number[] = [];
  const work = new VideoWork(60_000, (workMs) => told.push(workMs));
  work.look({ firstAtMs: 0, behindMs: 60_000, groupMs: 0 }, 61_000);
  expect(told).toEqual([]);
  work.shown(1, INTERVAL_MS, { firstAtMs: 0, behindMs: 60_000, groupMs: 0 }, 61_200);
  expect(told).toEqual([1_200]);
});
