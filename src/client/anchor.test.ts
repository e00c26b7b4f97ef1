import fc from "fast-check";
import { expect, test } from "vitest";
import { beside } from "./anchor.ts";

const WINDOW = { width: 1000, height: 800 };
const MENU = { width: 200, height: 300 };

test("a menu stands above its button, and ends where it ends", () => {
  const button = { left: 600, top: 500, width: 40, height: 40 };
  expect(beside(button, MENU, WINDOW, ["above", "below"])).toEqual({ left: 440, top: 192 });
});

test("without room above it stands below", () => {
  const button = { left: 600, top: 100, width: 40, height: 40 };
  expect(beside(button, MENU, WINDOW, ["above", "below"])).toEqual({ left: 440, top: 148 });
});

test("a panel stands beside its tile: right, else left", () => {
  const tile = { left: 100, top: 50, width: 300, height: 170 };
  expect(beside(tile, MENU, WINDOW, ["right", "left"])).toEqual({ left: 408, top: 50 });
  expect(beside({ ...tile, left: 690 }, MENU, WINDOW, ["right", "left"])).toEqual({ left: 482, top: 50 });
});

test("it is never outside of the window", () => {
  const far = fc.integer({ min: -500, max: 1500 });
  fc.assert(
    fc.property(far, far, fc.nat(400), fc.nat(400), (left, top, width, height) => {
      const place = beside({ left, top, width, height }, MENU, WINDOW, ["above", "left", "below", "right"]);
      expect(place.left).toBeGreaterThanOrEqual(8);
      expect(place.top).toBeGreaterThanOrEqual(8);
      expect(place.left + MENU.width).toBeLessThanOrEqual(WINDOW.width - 8);
      expect(place.top + MENU.height).toBeLessThanOrEqual(WINDOW.height - 8);
    }),
  );
});
