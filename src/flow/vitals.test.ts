import { expect, test } from "vitest";
import { Floor } from "./floor.ts";
import { Vitals } from "./vitals.ts";

const INTERVAL_MS = 33;

/** Frames `from` to `to` of `bytes`, `delayMs` after their capture each, and done with 5 ms later. */
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
    vitals.arrived({ sequence: n, capturedAtMs: n * INTERVAL_MS, bytes: bytes(n) }, nowMs);
    vitals.done(n, nowMs + 5);
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

test("a gap breaks a group of pictures; of stills it is what was skipped", () => {
  const deltas = new Vitals(new Floor(30_000), true);
  play(deltas, 0, 10, () => 20);
  expect(deltas.read(play(deltas, 20, 30, () => 20)).broken).toBe(1);
  const stills = new Vitals(new Floor(30_000), false);
  let nowMs = 0;
  for (let n = 0; n < 300; n += 3) nowMs = play(stills, n, n + 1, () => 20);
  expect(stills.read(nowMs).broken).toBe(0);
  expect(stills.read(nowMs).skipped).toBeCloseTo(2 / 3, 1);
});

test("large frames that come in time prove what the link carries; one alone proves nothing", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  // 20 kB more in 16 ms: 10 Mbit/s.
  const bytes = (n: number): number => (n === 40 || n === 50 ? 21_000 : 1_000);
  const delayMs = (n: number): number => (bytes(n) > 1_000 ? 36 : 20);
  expect(vitals.read(play(vitals, 0, 45, delayMs, bytes)).provenBps).toBeLessThan(1e6);
  const { provenBps } = vitals.read(play(vitals, 45, 60, delayMs, bytes));
  expect(provenBps).toBeGreaterThan(9e6);
  expect(provenBps).toBeLessThan(11e6);
});

test("the keyframe that a better track begins with proves what the link carries; that of the first track cannot", () => {
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
});

test("in trouble what came out of the queue counts, not what the link carried before", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  // 2.4 Mbit/s; then each frame of 10 kB takes 160 ms: 0.5 Mbit/s.
  play(
    vitals,
    0,
    60,
    () => 20,
    () => 10_000,
  );
  const delayMs = (n: number): number => 20 + (n - 59) * (160 - INTERVAL_MS);
  const { carriedBps } = vitals.read(play(vitals, 60, 63, delayMs, () => 10_000));
  expect(carriedBps).toBeGreaterThan(0.45e6);
  expect(carriedBps).toBeLessThan(0.55e6);
});

test("a decoder that takes longer than a frame lasts is told by its work", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  for (let n = 0; n < 60; n++) vitals.arrived({ sequence: n, capturedAtMs: n * 33, bytes: 100 }, n * 33);
  for (let n = 0; n < 60; n++) vitals.done(n, (n + 1) * 60);
  expect(vitals.read(2_000).workMs).toBeCloseTo(60, 0);
});
