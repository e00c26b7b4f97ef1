import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ASSUMED, MEASURED, need, scalingTable } from "../../bench/scaling.ts";

test("docs/scaling.md says what the model says", () => {
  const page = readFileSync(new URL("../../docs/scaling.md", import.meta.url), "utf8");
  const rows = scalingTable()
    .split("\n")
    .filter((line) => line.startsWith("|"));
  for (const row of rows) expect(page).toContain(row);
});

test("what is needed grows with the viewers and never by more than their share", () => {
  const codec = fc.constantFrom("jpeg" as const, "h264" as const);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), codec, (viewers, track) => {
      const [one, ten] = [need(viewers, track), need(10 * viewers, track)];
      expect(ten.edges).toBeGreaterThanOrEqual(one.edges);
      expect(ten.edges).toBeLessThanOrEqual(10 * one.edges);
      expect(one.edges * one.viewersPerEdge).toBeGreaterThanOrEqual(viewers);
      expect(ten.egressBitsPerSecond).toBe(10 * one.egressBitsPerSecond);
    }),
  );
});

test("a slower server makes the processor the limit", () => {
  const slow = { ...MEASURED, servedMicros: { jpeg: 4000, h264: 2000 } };
  expect(need(1000, "h264").limit).toBe("card");
  expect(need(1000, "h264", slow).limit).toBe("cores");
  expect(need(1000, "h264", slow).viewersPerEdge).toBeLessThan(need(1000, "h264").viewersPerEdge);
  expect(need(1e6, "h264", MEASURED, { ...ASSUMED, edgesPerLeaf: 10 }).leaves).toBeGreaterThan(6);
});
