import fc from "fast-check";
import { expect, test } from "vitest";
import { layOut, type Room } from "./grid.ts";

const desktop: Room = { width: 1440, height: 840, gap: 12, ratio: 16 / 9, minWidth: 280 };
const phone: Room = { width: 360, height: 720, gap: 8, ratio: 16 / 9, minWidth: 280 };

test("four cameras on a desktop are two by two", () => {
  expect(layOut(4, desktop)).toEqual({ columns: 2, tileWidth: 714 });
});

test("tiles on a phone stand below each other, as wide as it is", () => {
  expect(layOut(5, phone)).toEqual({ columns: 1, tileWidth: 360 });
});

test("a wide screen puts two beside each other rather than one over the other", () => {
  expect(layOut(2, { ...desktop, width: 1920 }).columns).toBe(2);
  expect(layOut(2, { ...desktop, width: 900, height: 1400 }).columns).toBe(1);
});

test("too many for the screen are scrolled at a size that can be seen", () => {
  expect(layOut(64, desktop).tileWidth).toBeGreaterThanOrEqual(280);
});

test("a wall is never wider than its room", () => {
  fc.assert(
    fc.property(
      fc.nat(100),
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 1, max: 3000 }),
      (tiles, width, height) => {
        const { columns, tileWidth } = layOut(tiles, { ...desktop, width, height });
        expect(columns).toBeGreaterThanOrEqual(1);
        expect(columns * tileWidth + (columns - 1) * desktop.gap).toBeLessThanOrEqual(width);
      },
    ),
  );
});
