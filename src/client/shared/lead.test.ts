import { expect, test } from "vitest";
import { Lead } from "./lead.ts";

test("the first acknowledgement of a frame is passed on, those of who is behind are not", () => {
  const lead = new Lead<string>(2);
  expect(lead.acknowledge("fast", 1, 2)).toBe(true);
  expect(lead.acknowledge("slow", 1, 2)).toBe(false);
  expect(lead.acknowledge("fast", 2, 2)).toBe(true);
  expect(lead.acknowledge("slow", 1, 9)).toBe(false);
  expect(lead.windowFrames).toBe(2);
});

test("who overtakes leads from then on", () => {
  const lead = new Lead<string>(2);
  lead.acknowledge("one", 5, 4);
  expect(lead.acknowledge("two", 6, 1)).toBe(true);
  expect(lead.windowFrames).toBe(1);
  // Neither a frozen leader's wide window nor its late word counts.
  expect(lead.acknowledge("one", 5, 4)).toBe(false);
});

test("who leads may change its mind about the window, another one only widen it", () => {
  const lead = new Lead<string>(2);
  lead.acknowledge("one", 5, 2);
  expect(lead.acknowledge("one", 5, 1)).toBe(true);
  expect(lead.acknowledge("two", 5, 1)).toBe(false);
  expect(lead.acknowledge("two", 5, 3)).toBe(true);
  expect(lead.windowFrames).toBe(3);
});

test("sequences wrap, and mean nothing when the track has another number", () => {
  const lead = new Lead<string>(2);
  lead.acknowledge("one", 0xffff_ffff, 2);
  expect(lead.acknowledge("two", 0, 2)).toBe(true);
  expect(lead.acknowledge("one", 0xffff_ffff, 2)).toBe(false);
  lead.restart();
  expect(lead.acknowledge("one", 0x8000_0000, 2)).toBe(true);
});

test("before anything is done with, the widest window counts", () => {
  const lead = new Lead<string>(2);
  expect(lead.resize("one", 3)).toBe(true);
  expect(lead.resize("two", 2)).toBe(false);
  expect(lead.windowFrames).toBe(3);
});
