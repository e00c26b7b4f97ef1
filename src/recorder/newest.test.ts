import { expect, test } from "vitest";
import { Newest } from "./newest.ts";

test("a newer value replaces an older one, which is discarded and counted", async () => {
  const discarded: number[] = [];
  const newest = new Newest<number>((value) => discarded.push(value));
  for (const value of [1, 2, 3]) newest.put(value);
  expect(await newest.take()).toBe(3);
  expect(discarded).toEqual([1, 2]);
  expect(newest.overwritten).toBe(2);
});

test("who waits gets the next value at once", async () => {
  const newest = new Newest<number>();
  const taken = newest.take();
  newest.put(1);
  expect(await taken).toBe(1);
});

test("after the end the held value is given, then nothing", async () => {
  const newest = new Newest<number>();
  newest.put(1);
  newest.end();
  newest.put(2);
  expect(await newest.take()).toBe(1);
  expect(await newest.take()).toBeUndefined();
});

test("an error comes behind the held value, and wakes who waits", async () => {
  const newest = new Newest<number>();
  newest.put(1);
  newest.end(new Error("unplugged"));
  newest.end(new Error("too late"));
  expect(await newest.take()).toBe(1);
  await expect(newest.take()).rejects.toThrow("unplugged");

  const other = new Newest<number>();
  const waiting = other.take();
  other.end(new Error("unplugged"));
  await expect(waiting).rejects.toThrow("unplugged");
});

test("clearing discards what is held", async () => {
  const discarded: number[] = [];
  const newest = new Newest<number>((value) => discarded.push(value));
  newest.put(1);
  newest.clear();
  newest.put(2);
  expect(discarded).toEqual([1, 2]);
  expect(await newest.take()).toBeUndefined();
});
