import { expect, test } from "vitest";
import { provenance } from "./provenance.ts";

test("an age is as wrong as all comparisons of clocks together", () => {
  expect(provenance(undefined, 10).ageErrorMs).toBe(5);
  expect(provenance({ clock: { offset: 5_000_000, error: 2000 } }, 10).ageErrorMs).toBe(7);
  expect(provenance({}, undefined).ageErrorMs).toBeUndefined();
});

test("each relay says how old frames are when they come to it", () => {
  expect(provenance({}, 1).hopAgesMs).toEqual([]);
  expect(provenance({ hops: [{ hub: "a", ageMs: 12 }, { hub: "b" }] }, 1).hopAgesMs).toEqual([12, undefined]);
});
