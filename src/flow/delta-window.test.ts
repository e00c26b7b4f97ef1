import { expect, test } from "vitest";
import { DeltaWindow } from "./delta-window.ts";

const INTERVAL_MS = 100 / 3;

/** Frames at 30/s that arrive `delayMs(n)` after their capture. */
function arrive(
  window: DeltaWindow,
  from: number,
  count: number,
  delayMs: (n: number) => number,
  roundTripMs = 1,
): void {
  for (let n = from; n < from + count; n++) {
    const capturedAtMs = n * INTERVAL_MS;
    window.arrived({ sequence: n, capturedAtMs, bytes: 1_000 }, capturedAtMs + delayMs(n), roundTripMs);
  }
}

test("it opens wide until the burst for a newcomer is in", () => {
  const window = new DeltaWindow();
  expect(window.frames).toBe(8);
  // 100 frames of the past within 100 ms.
  arrive(window, 0, 100, (n) => 4_000 + n - n * INTERVAL_MS);
  expect(window.catchingUp).toBe(true);
  expect(window.frames).toBe(64);
  arrive(window, 100, 3, () => 770);
  expect(window.catchingUp).toBe(false);
  expect(window.frames).toBeLessThan(8);
});

test("a long round trip is covered at the track's own pace", () => {
  const window = new DeltaWindow();
  arrive(window, 0, 30, () => 110, 200);
  expect(window.frames).toBeGreaterThanOrEqual(7);
  expect(window.frames).toBeLessThanOrEqual(10);
});

test("a queue on the way makes it smaller, and it recovers when that is gone", () => {
  const window = new DeltaWindow();
  arrive(window, 0, 30, () => 10);
  const before = window.frames;
  arrive(window, 30, 30, () => 300);
  expect(window.frames).toBeLessThan(before);
  expect(window.frames).toBeGreaterThanOrEqual(1);
  arrive(window, 60, 150, () => 10);
  expect(window.frames).toBe(before);
});

test("a link that is slower than the burst does not keep it open for ever", () => {
  const window = new DeltaWindow();
  arrive(window, 0, 10, (n) => 500 + n * INTERVAL_MS);
  expect(window.catchingUp).toBe(false);
});

test("an unknown round trip costs nothing", () => {
  const window = new DeltaWindow();
  window.arrived({ sequence: 0, capturedAtMs: 0, bytes: 1_000 }, 0);
  window.arrived({ sequence: 1, capturedAtMs: 33, bytes: 1_000 }, 33);
  window.arrived({ sequence: 2, capturedAtMs: 66, bytes: 1_000 }, 66);
  window.arrived({ sequence: 3, capturedAtMs: 99, bytes: 1_000 }, 99, 300);
  expect(window.frames).toBeGreaterThanOrEqual(9);
});
