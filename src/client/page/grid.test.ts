import fc from "fast-check";
import { expect, test } from "vitest";
import { layOut, type Room } from "./grid.ts";

const desktop: Room = { width: 1440, height: 840, gap: 12, ratio: 16 / 9, minWidth: 280, scrolledWidth: 280 };
const phone: Room = { width: 360, height: 720, gap: 8, ratio: 16 / 9, minWidth: 280, scrolledWidth: 280 };

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

test("fifty fit on a screen of a desk, small but all of them", () => {
  const { columns, tileWidth } = layOut(50, { ...desktop, gap: 6, minWidth: 150 });
  const rows = Math.ceil(50 / columns);
  expect((rows * tileWidth) / (16 / 9) + (rows - 1) * 6).toBeLessThanOrEqual(desktop.height);
  expect(tileWidth).toBeGreaterThan(160);
});

test("a wall that must be scrolled has tiles to look at", () => {
  const room = { ...desktop, minWidth: 150, scrolledWidth: 240 };
  expect(layOut(200, room).tileWidth).toBeGreaterThanOrEqual(240);
  // Where fewer fit without, they are as small as they must.
  expect(layOut(40, room).tileWidth).toBeLessThan(240);
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
