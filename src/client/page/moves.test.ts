import fc from "fast-check";
import { expect, test } from "vitest";
import { move } from "./moves.ts";

// 0 1 2
// 3 4 5
// 6
const tiles = { count: 7, columns: 3 };

test.each([
  ["ArrowRight", 0, 1],
  ["ArrowRight", 2, 3],
  ["ArrowRight", 6, undefined],
  ["ArrowLeft", 3, 2],
  ["ArrowLeft", 0, undefined],
  ["ArrowDown", 1, 4],
  ["ArrowDown", 4, 6],
  ["ArrowDown", 6, undefined],
  ["ArrowUp", 4, 1],
  ["ArrowUp", 1, undefined],
  ["Home", 4, 0],
  ["End", 1, 6],
  ["x", 1, undefined],
])("%s leads from %i to %s", (key, from, to) => {
  expect(move(key, from, tiles)).toBe(to);
});

test("from none the first step leads to the first tile", () => {
  expect(move("ArrowUp", -1, tiles)).toBe(0);
  expect(move("x", -1, tiles)).toBeUndefined();
  expect(move("ArrowUp", -1, { count: 0, columns: 1 })).toBeUndefined();
});

test("in one row there is no way up or down", () => {
  expect(move("ArrowDown", 1, { count: 3, columns: 3 })).toBeUndefined();
  expect(move("ArrowUp", 1, { count: 3, columns: 3 })).toBeUndefined();
});

test("a key leads to another tile or nowhere", () => {
  const key = fc.constantFrom("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "a");
  fc.assert(
    fc.property(
      key,
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 12 }),
      fc.nat(),
      (pressed, count, columns, at) => {
        const from = at % count;
        const to = move(pressed, from, { count, columns });
        if (to === undefined) return;
        expect(to).not.toBe(from);
        expect(to).toBeGreaterThanOrEqual(0);
        expect(to).toBeLessThan(count);
      },
    ),
  );
});

test("from any tile every other one can be reached with arrows alone", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }), (count, columns) => {
      const reached = new Set([0]);
      for (const from of reached) {
        for (const key of ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown"]) {
          const to = move(key, from, { count, columns });
          if (to !== undefined) reached.add(to);
        }
      }
      expect(reached.size).toBe(count);
    }),
  );
});
