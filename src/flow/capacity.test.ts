import { expect, test } from "vitest";
import { Capacity } from "./capacity.ts";

const INTERVAL_MS = 33;

interface Arrival {
  readonly bytes: number;
  readonly excessMs: number;
  readonly keyframe?: boolean;
}

/** Frames `from` to `to`, small ones that are not late but for `special`; what they prove. */
function play(capacity: Capacity, from: number, to: number, special: Readonly<Record<number, Arrival>>) {
  for (let n = from; n < to; n++) {
    const { bytes, excessMs, keyframe = false } = special[n] ?? { bytes: 1_000, excessMs: 0 };
    capacity.add(bytes, keyframe, excessMs, n * INTERVAL_MS);
  }
  return capacity.provenBps((to - 1) * INTERVAL_MS);
}

// 20 kB more in 16 ms: 10 Mbit/s.
const LARGE = { bytes: 21_000, excessMs: 16 };

test("two large deltas that come in time prove what the link carries; one alone proves nothing", () => {
  const capacity = new Capacity(true);
  expect(play(capacity, 0, 45, { 40: LARGE })).toBe(0);
  expect(play(capacity, 45, 60, { 50: LARGE })).toBeCloseTo(10e6, -5);
});

test("a keyframe among deltas proves alone, also that which a track begins with", () => {
  const keyframe = { ...LARGE, keyframe: true };
  expect(play(new Capacity(true), 0, 30, { 0: keyframe })).toBeCloseTo(10e6, -5);
  expect(play(new Capacity(true), 0, 30, { 20: keyframe })).toBeCloseTo(10e6, -5);
});

test("of stills each is a keyframe, and none proves alone", () => {
  expect(play(new Capacity(false), 0, 30, { 20: { ...LARGE, keyframe: true } })).toBe(0);
});

test("a keyframe that is less late than all before tells of another way, and proves nothing", () => {
  expect(play(new Capacity(true), 0, 30, { 0: { bytes: 21_000, excessMs: 0, keyframe: true } })).toBe(0);
});

test("some packets more pass any link at once, and prove nothing", () => {
  const few = { bytes: 4_500, excessMs: 1, keyframe: true };
  expect(play(new Capacity(true), 0, 30, { 10: few, 20: few })).toBe(0);
});

test("a proof is believed for some seconds, and no longer", () => {
  const capacity = new Capacity(true);
  play(capacity, 0, 30, { 20: { ...LARGE, keyframe: true } });
  expect(play(capacity, 30, 120, {})).toBeCloseTo(10e6, -5);
  expect(play(capacity, 120, 400, {})).toBe(0);
});
