import { expect, test } from "vitest";
import { linkConditions, queueBytes } from "./link.ts";
import { netnsRefusal } from "./netns-link.ts";
import { SCENARIOS } from "./scenario.ts";

test("a queue holds 100 ms of the link, within bounds", () => {
  expect(queueBytes({ bitsPerSecond: 8e6 })).toBe(100_000);
  expect(queueBytes({ bitsPerSecond: 1000 })).toBe(16_384);
  expect(queueBytes({})).toBe(4 * 1024 * 1024);
  expect(queueBytes({ queueBytes: 7 })).toBe(7);
});

test("a round trip is half in each direction, and only the way down is narrow", () => {
  const { down, up } = linkConditions({ bitsPerSecond: 8e6, roundTripMs: 200 });
  expect([down.delayMs, up.delayMs]).toEqual([100, 100]);
  expect(up.rate).toEqual([{ fromMs: 0, bitsPerSecond: Infinity }]);
});

test("a stall goes over to the rate of its end, in both directions", () => {
  const { down, up } = linkConditions({
    bitsPerSecond: 8e6,
    changes: [
      { fromMs: 1500, bitsPerSecond: 1e6 },
      { fromMs: 5000, bitsPerSecond: 4e6 },
    ],
    stall: { fromMs: 1000, toMs: 2000 },
  });
  expect(down.rate).toEqual([
    { fromMs: 0, bitsPerSecond: 8e6 },
    { fromMs: 5000, bitsPerSecond: 4e6 },
    { fromMs: 1000, bitsPerSecond: 0 },
    { fromMs: 2000, bitsPerSecond: 1e6 },
  ]);
  expect(up.rate.at(-1)).toEqual({ fromMs: 2000, bitsPerSecond: Infinity });
});

test("what the kernel's bucket cannot do is said, never left out in silence", () => {
  expect(netnsRefusal({ roundTripMs: 200 })).toBeDefined();
  expect(netnsRefusal({ jitterMs: 1 })).toBeDefined();
  expect(netnsRefusal({ stall: { fromMs: 0, toMs: 1 } })).toBeDefined();
});

test("scenarios have names of their own", () => {
  expect(new Set(SCENARIOS.map(({ name }) => name)).size).toBe(SCENARIOS.length);
});
