import { describe, expect, test } from "vitest";
import { figures, watch } from "../../test/support/simulated-viewer.ts";
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

test("a camera of one picture in a second needs no window of thirty", () => {
  const window = new DeltaWindow();
  for (let n = 0; n < 30; n++) {
    window.arrived({ sequence: n, capturedAtMs: n * 1_000, bytes: 1_000 }, n * 1_000 + 10, 200);
  }
  expect(window.frames).toBe(4);
});

test("frames that were left out make the camera no slower", () => {
  const window = new DeltaWindow();
  for (let n = 0; n < 300; n += 10) {
    const capturedAtMs = n * INTERVAL_MS;
    window.arrived({ sequence: n, capturedAtMs, bytes: 1_000 }, capturedAtMs + 10, 200);
  }
  expect(window.frames).toBe(9);
});

describe("a track that is too much for the link, and watched all the same", () => {
  const track = (rate: number, bytes: number) => ({
    name: "video",
    rate,
    bytes,
    spread: 0.3,
    keyframeBytes: 4 * bytes,
    gopFrames: 10 * rate,
    encodeMs: 8,
  });

  test.each([
    ["15/s of 1 kB over 60 kbit/s", 15, 1_000, 60e3, 10, 2_000],
    ["15/s of 1 kB over 60 kbit/s and 400 ms", 15, 1_000, 60e3, 200, 4_000],
    ["2/s of 20 kB over 240 kbit/s", 2, 20_000, 240e3, 30, 6_000],
    ["1/s of 20 kB over 120 kbit/s", 1, 20_000, 120e3, 30, 10_000],
  ])("%s: no older after a quarter of an hour", (_, rate, bytes, bitsPerSecond, latencyMs, oldestMs) => {
    const link = { rates: [{ fromMs: 0, bitsPerSecond }], latencyMs };
    const shown = watch(track(rate, bytes), link, { paintMs: 4 }, 900_000);
    const early = figures(shown, 60_000, 180_000);
    const late = figures(shown, 780_000, 900_000);
    expect(late.maxMs).toBeLessThan(oldestMs);
    expect(late.p50Ms).toBeLessThan(1.5 * early.p50Ms);
  });
});
