import { expect, test } from "vitest";
import { HISTORY_EVERY_MS, HISTORY_SPAN_MS, History, type Sample } from "./history.ts";

const SAMPLE: Sample = { ageMs: 40, rate: 30, bytesPerSecond: 1000 };

test("figures stand in the order of their times, seconds before now", () => {
  const history = new History();
  history.add(1_000, SAMPLE);
  history.add(1_500, { ageMs: 50, rate: 29, bytesPerSecond: 2000 });
  expect(history.columns(2_000)).toEqual({
    at: [-1, -0.5],
    ageMs: [40, 50],
    rate: [30, 29],
    bytesPerSecond: [1000, 2000],
  });
});

test("reports that come more often are not kept", () => {
  const history = new History();
  expect([0, 250, 490, 600, 1_000].map((at) => history.add(at, SAMPLE))).toEqual([
    true,
    false,
    true,
    false,
    true,
  ]);
});

test("it holds the last two minutes, however long it runs", () => {
  const history = new History();
  let nowMs = 0;
  for (; nowMs < 3 * HISTORY_SPAN_MS; nowMs += HISTORY_EVERY_MS)
    history.add(nowMs, { ...SAMPLE, rate: nowMs });
  const { at, rate } = history.columns(nowMs);
  expect(at[0]).toBeGreaterThanOrEqual(-HISTORY_SPAN_MS / 1000);
  expect(at).toHaveLength(HISTORY_SPAN_MS / HISTORY_EVERY_MS);
  expect(at).toEqual([...at].sort((a, b) => a - b));
  expect(rate.at(-1)).toBe(nowMs - HISTORY_EVERY_MS);
});

test("what is not known is a gap, and so is a time without reports", () => {
  const history = new History();
  history.add(0, { ageMs: undefined, rate: 0, bytesPerSecond: 0 });
  history.add(10_000, SAMPLE);
  const { at, ageMs, rate } = history.columns(10_000);
  expect(ageMs).toEqual([null, null, 40]);
  expect(rate).toEqual([0, null, 30]);
  expect(at).toEqual([-10, -9.5, 0]);
});

test("of another camera nothing is left", () => {
  const history = new History();
  history.add(0, SAMPLE);
  history.clear();
  expect(history.columns(1).at).toEqual([]);
  expect(history.add(2, SAMPLE)).toBe(true);
});
