import { expect, test } from "vitest";
import { Service } from "./service.ts";

/** Frames that are each sent `earlyMs` before the last one comes, and come at `times`. */
function busy(service: Service, times: readonly number[], earlyMs = 2): void {
  for (const atMs of times) service.add(Math.max(service.freeMs, 0) - earlyMs, 1, atMs);
}

test("one after the other: the time between them", () => {
  const service = new Service();
  service.pass(0);
  busy(service, [100, 200, 301, 399, 500]);
  expect(service.ms).toBeGreaterThan(97);
  expect(service.ms).toBeLessThan(102);
});

test("what one frame lost by a hiccup the next one wins: the two share it", () => {
  const service = new Service();
  service.pass(0);
  busy(service, [100, 200, 300, 490, 500, 600, 790, 800, 900]);
  expect(service.ms).toBe(100);
});

test("behind a frame that was held up the link has been free since it was due", () => {
  const service = new Service();
  service.pass(0);
  busy(service, [100, 200, 300, 490]);
  expect(service.freeMs).toBe(400);
  // Twice in a row: that is the link.
  service.add(395, 1, 690);
  expect(service.freeMs).toBe(690);
});

test("a link that becomes slower is believed after two frames", () => {
  const service = new Service();
  service.pass(0);
  busy(service, [100, 200, 300, 400, 1_900, 3_500]);
  expect(service.ms).toBe(1_600);
});

test("a frame that had the link for itself is no shorter than what the link needs", () => {
  const service = new Service();
  service.pass(0);
  busy(service, [1_000, 2_000, 3_000]);
  service.add(3_001, 1, 3_101);
  expect(service.ms).toBe(100);
  // But it may be longer: TCP had to begin anew.
  for (const sentMs of [4_000, 5_000, 6_000]) service.add(sentMs, 1, sentMs + 400);
  expect(service.ms).toBe(100);
  expect(service.alone).toBe(4);
});

test("sizes count", () => {
  const service = new Service();
  service.pass(0);
  service.add(-1, 0.5, 50);
  service.add(49, 1.5, 200);
  expect(service.ms).toBe(100);
  // A tiny one says little.
  service.add(199, 0.001, 205);
  expect(service.ms).toBeGreaterThan(15);
});

test("of a frame nobody knows since when there is no measure", () => {
  const service = new Service();
  service.add(Number.NaN, 1, 100);
  expect(service.ms).toBeUndefined();
  service.add(99, 1, 200);
  expect(service.ms).toBe(100);
  service.clear();
  expect(service.ms).toBeUndefined();
});
