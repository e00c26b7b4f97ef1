import { expect, test } from "vitest";
import { Floor } from "./floor.ts";
import { Vitals } from "./vitals.ts";

const INTERVAL_MS = 33;
const GOP_FRAMES = 100;

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
    const keyframe = n % GOP_FRAMES === 0;
    vitals.arrived({ sequence: n, capturedAtMs: n * INTERVAL_MS, bytes: bytes(n), keyframe }, nowMs);
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

test("a keyframe that comes sooner than all before tells of another way, and proves nothing", () => {
  const floor = new Floor(30_000);
  const slow = new Vitals(floor, true);
  play(slow, 0, 30, () => 900);
  const next = new Vitals(floor, true);
  const bytes = (n: number): number => (n === 100 ? 17_000 : 1_000);
  expect(next.read(play(next, 100, 130, () => 400, bytes)).provenBps).toBeLessThan(1e6);
});

test("some packets more pass any link at once, and prove nothing", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  const bytes = (n: number): number => (n % 10 === 0 ? 4_500 : 1_000);
  const delayMs = (n: number): number => (n % 10 === 0 ? 21 : 20);
  expect(vitals.read(play(vitals, 0, 60, delayMs, bytes)).provenBps).toBeLessThan(1e6);
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

test("behind a gap, in which the sender has waited, the last figure stands; of a link that is silent since none does", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  const bytes = (): number => 10_000;
  play(vitals, 0, 60, () => 20, bytes);
  const delayMs = (n: number): number => 20 + (n - 59) * (160 - INTERVAL_MS);
  play(vitals, 60, 63, delayMs, bytes);
  const nowMs = play(vitals, 90, 92, () => 300, bytes);
  const { carriedBps, receivedBps } = vitals.read(nowMs);
  expect(carriedBps).toBeGreaterThan(0.45e6);
  expect(receivedBps).toBeLessThan(0.35e6);
  expect(vitals.read(nowMs + 5_000)).toMatchObject({ carriedBps: 0, receivedBps: 0 });
});

test("a decoder that takes longer than a frame lasts is told by its work", () => {
  const vitals = new Vitals(new Floor(30_000), true);
  for (let n = 0; n < 60; n++)
    vitals.arrived({ sequence: n, capturedAtMs: n * 33, bytes: 100, keyframe: n === 0 }, n * 33);
  for (let n = 0; n < 60; n++) vitals.done(n, (n + 1) * 60);
  expect(vitals.read(2_000).workMs).toBeCloseTo(60, 0);
});
