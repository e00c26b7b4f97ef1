import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Limits } from "../protocol/index.ts";
import { LingeringDemand } from "./lingering-demand.ts";

let told: string[];
let demand: LingeringDemand;
beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  demand = new LingeringDemand((tracks) => told.push([...tracks].sort().join()));
});
afterEach(() => {
  vi.useRealTimers();
});
const want = (...tracks: string[]): void => demand.want(new Set(tracks));

test("a track that nobody takes any more is taken for a while yet, each for its own", () => {
  want("jpeg", "h264");
  want("h264");
  vi.advanceTimersByTime(Limits.LINGER_MS / 2);
  want();
  vi.advanceTimersByTime(Limits.LINGER_MS / 2 - 1);
  expect(told.at(-1)).toBe("h264,jpeg");
  vi.advanceTimersByTime(1);
  expect(told.at(-1)).toBe("h264");
  vi.advanceTimersByTime(Limits.LINGER_MS / 2);
  expect(told.at(-1)).toBe("");
});

test("whoever comes and goes in that time changes nothing", () => {
  for (let round = 0; round < 100; round++) {
    want("jpeg");
    vi.advanceTimersByTime(1);
    want();
    vi.advanceTimersByTime(Limits.LINGER_MS - 1);
  }
  expect(new Set(told)).toEqual(new Set(["jpeg"]));
  vi.advanceTimersByTime(1);
  expect(told.at(-1)).toBe("");
});

test("where the other hub is gone, only what is taken here is asked for again", () => {
  want("jpeg", "h264");
  want("h264");
  demand.clear();
  expect([...demand.tracks]).toEqual(["h264"]);
  const before = told.length;
  vi.advanceTimersByTime(Limits.LINGER_MS);
  expect(told).toHaveLength(before);
});
