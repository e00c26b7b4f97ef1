import { expect, test } from "vitest";
import { Grants } from "./grants.ts";

test("a frame that comes was allowed when the window let it go", () => {
  const grants = new Grants();
  grants.allow(2, 10);
  expect(grants.arrived(100, 50)).toBe(40);
  grants.done(100);
  grants.allow(2, 60);
  expect(grants.arrived(105, 90)).toBe(80);
  expect(grants.arrived(110, 95)).toBe(35);
});

test("open is what may come and what came and is not done with", () => {
  const grants = new Grants();
  grants.allow(3, 0);
  expect(grants.open).toBe(3);
  grants.arrived(1, 1);
  grants.arrived(2, 2);
  expect(grants.open).toBe(3);
  // The second was done with, the first was never looked at.
  grants.done(2);
  expect(grants.open).toBe(1);
});

test("of what was taken back and allowed again nobody knows since when", () => {
  const grants = new Grants();
  grants.allow(3, 0);
  grants.allow(1, 5);
  grants.allow(2, 10);
  expect(grants.arrived(1, 20)).toBe(20);
  expect(grants.arrived(2, 20)).toBeNaN();
});

test("sequences may wrap", () => {
  const grants = new Grants();
  grants.allow(2, 0);
  grants.arrived(0xffff_ffff, 1);
  grants.arrived(0, 1);
  grants.done(0xffff_ffff);
  expect(grants.open).toBe(1);
  grants.done(0);
  expect(grants.open).toBe(0);
});

test("what is coming will be there one after the other", () => {
  const grants = new Grants();
  grants.allow(3, 0);
  grants.arrived(1, 100);
  expect(grants.coming).toBe(2);
  expect(grants.servedMs(100, 50, 5)).toBe(200);
  grants.arrived(2, 150);
  grants.arrived(3, 200);
  expect(grants.coming).toBe(0);
  expect(grants.servedMs(200, 50, 5)).toBe(200);
  // The link was free before this one was asked for.
  grants.done(3);
  grants.allow(1, 300);
  expect(grants.servedMs(200, 50, 5)).toBe(355);
});
