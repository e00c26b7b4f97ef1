import { expect, test } from "vitest";
import { Floor } from "./floor.ts";
import { Vitals } from "./vitals.ts";

const INTERVAL_MS = 33;
const GOP_FRAMES = 100;

/** Frames `from` to `to` of `bytes`, `delayMs` after their capture each, and 5 ms of work each. */
function play(
  vitals: Vitals,
  from: number,
  to: number,
  delayMs: (n: number) => number,
  bytes: (n: number) => number = () => 1_000,
): number {
  let nowMs = 0;
  for (let n = from; n < to; n++) {
    nowMs = n * INTERVAL_MS + delayMs(n);
    const keyframe = n % GOP_FRAMES === 0;
    vitals.arrived({ sequence: n, capturedAtMs: n * INTERVAL_MS, bytes: bytes(n), keyframe }, nowMs);
    vitals.worked(5);
  }
  return nowMs;
}

test("the signs of a track that does well", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  const signs = vitals.read(play(vitals, 0, 90, () => 20));
  expect(signs).toMatchObject({ lateMs: 0, broken: 0, skipped: 0, intervalMs: 33, beganAtMs: 20 });
  expect(signs.carriedBps).toBeGreaterThan(200_000);
  expect(signs.carriedBps).toBeLessThan(300_000);
  expect(signs.workMs).toBeCloseTo(5, 0);
});

test("one late frame is not a late track, a queue is", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  play(vitals, 0, 30, () => 20);
  expect(vitals.read(play(vitals, 30, 31, () => 120)).lateMs).toBe(0);
  expect(vitals.read(play(vitals, 31, 60, () => 300)).lateMs).toBe(280);
});

test("a gap up to a keyframe breaks a group of pictures; of stills it is what was skipped", () => {
  const deltas = new Vitals(new Floor(30_000), true);
  play(deltas, 0, 85, () => 20);
  expect(deltas.read(play(deltas, 100, 130, () => 20)).broken).toBe(1);
  // Frames that no other needs are left out by a sender that is a little behind, also in front of a keyframe.
  for (const n of [130, 132, 135]) play(deltas, n, n + 1, () => 20);
  play(deltas, 137, 199, () => 20);
  expect(deltas.read(play(deltas, 200, 210, () => 20)).broken).toBe(1);
  const stills = new Vitals(new Floor(30_000), false);
  let nowMs = 0;
  for (let n = 0; n < 300; n += 3) nowMs = play(stills, n, n + 1, () => 20);
  expect(stills.read(nowMs).broken).toBe(0);
  expect(stills.read(nowMs).skipped).toBeCloseTo(2 / 3, 1);
});

test("a keyframe proves alone what the link carries, also that which a track begins with; that of the first track cannot", () => {
  const floor = new Floor(30_000);
  const keyframe = (n: number): number => (n % 100 === 0 ? 40_000 : 1_000);
  // 40 kB in 40 ms: 8 Mbit/s.
  const delayMs = (n: number): number => (n === 100 ? 60 : 20);
  const first = new Vitals(floor, true);
  expect(first.read(play(first, 0, 30, delayMs, keyframe)).provenBps).toBeLessThan(2e6);
  const better = new Vitals(floor, true);
  const { provenBps } = better.read(play(better, 100, 130, delayMs, keyframe));
  expect(provenBps).toBeGreaterThan(7e6);
  expect(provenBps).toBeLessThan(9e6);
  const delayLaterMs = (n: number): number => (n === 300 ? 60 : 20);
  const later = better.read(play(better, 130, 310, delayLaterMs, keyframe));
  expect(later.provenBps).toBeGreaterThan(7e6);
  expect(later.provenBps).toBeLessThan(9e6);
});

test("a decoder that takes longer than a frame lasts is told by its work, and not by one frame that took long", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  for (let n = 0; n < 60; n++) vitals.worked(5);
  vitals.worked(3_600_000);
  for (let n = 0; n < 30; n++) vitals.worked(5);
  expect(vitals.read(0).workMs).toBeLessThan(10);
  for (let n = 0; n < 60; n++) vitals.worked(60);
  expect(vitals.read(0).workMs).toBeCloseTo(60, 0);
});
