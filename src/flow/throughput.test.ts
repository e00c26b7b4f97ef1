import { expect, test } from "vitest";
import { Throughput } from "./throughput.ts";

const BITS = 80_000;
const INTERVAL_MS = 33;

/** Two seconds on time: 2.4 Mbit/s. Then each frame takes 160 ms: 0.5 Mbit/s. */
function slump(): { readonly throughput: Throughput; readonly nowMs: number } {
  const throughput = new Throughput();
  let nowMs = 0;
  for (let n = 0; n < 60; n++) throughput.add(BITS, 0, false, (nowMs += INTERVAL_MS));
  for (let n = 1; n < 4; n++) throughput.add(BITS, n * (160 - INTERVAL_MS), false, (nowMs += 160));
  return { throughput, nowMs };
}

test("while all is in time, what the link carries is what came", () => {
  const throughput = new Throughput();
  for (let n = 0; n < 60; n++) throughput.add(BITS, 5, false, n * INTERVAL_MS);
  expect(throughput.carriedBps(1_980)).toBe(throughput.receivedBps(1_980));
  expect(throughput.carriedBps(1_980)).toBeCloseTo(2.4e6, -5.5);
});

test("in trouble what came out of the queue counts, not what the link carried before", () => {
  const { throughput, nowMs } = slump();
  expect(throughput.carriedBps(nowMs)).toBeCloseTo(0.5e6, -4);
  expect(throughput.receivedBps(nowMs)).toBeGreaterThan(1e6);
});

test("behind a gap, in which the sender has waited, the last figure stands", () => {
  const { throughput, nowMs } = slump();
  throughput.add(BITS, 300, true, nowMs + 900);
  throughput.add(BITS, 300, false, nowMs + 933);
  expect(throughput.carriedBps(nowMs + 933)).toBeCloseTo(0.5e6, -4);
  expect(throughput.receivedBps(nowMs + 933)).toBeLessThan(0.4e6);
});

test("a track that is late from its first frame on is in a queue", () => {
  const throughput = new Throughput();
  for (let n = 0; n < 4; n++) throughput.add(BITS, 500, false, n * 160);
  expect(throughput.carriedBps(480)).toBeCloseTo(0.5e6, -4);
});

test("a long queue forgets: a link that gets slower is seen to", () => {
  const { throughput, nowMs } = slump();
  for (let n = 1; n < 6; n++) throughput.add(BITS, 1_000, false, nowMs + n * 800);
  expect(throughput.carriedBps(nowMs + 4_000)).toBeLessThan(0.15e6);
});

test("a link that is silent carries nothing", () => {
  const { throughput, nowMs } = slump();
  expect(throughput.carriedBps(nowMs + 5_000)).toBe(0);
});
