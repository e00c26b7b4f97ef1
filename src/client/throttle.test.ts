import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Throttle } from "./throttle.ts";

let runs: number;
let throttle: Throttle;

beforeEach(() => {
  vi.useFakeTimers();
  runs = 0;
  throttle = new Throttle(100, () => void runs++);
});

afterEach(() => vi.useRealTimers());

test("what is rare happens at once", () => {
  throttle.ask();
  expect(runs).toBe(1);
  vi.advanceTimersByTime(100);
  throttle.ask();
  expect(runs).toBe(2);
});

test("what comes in a burst happens at its beginning and after it, and no more often", () => {
  for (let atMs = 0; atMs < 250; atMs += 10) {
    throttle.ask();
    vi.advanceTimersByTime(10);
  }
  expect(runs).toBe(3);
  vi.runAllTimers();
  expect(runs).toBe(4);
});

test("what was ended does not happen", () => {
  throttle.ask();
  throttle.ask();
  throttle.close();
  vi.runAllTimers();
  expect(runs).toBe(1);
});
