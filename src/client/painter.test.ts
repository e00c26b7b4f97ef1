import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Painter, type Sheet } from "./painter.ts";
import type { Picture } from "./picture.ts";
import type { Surface } from "./surface.ts";

let players: number;
let painter: Painter;
let open: Set<string>;
let told: string[];

beforeEach(() => {
  vi.useFakeTimers();
  players = 50;
  painter = new Painter(() => players);
  open = new Set();
  told = [];
});

afterEach(() => {
  vi.runAllTimers();
  expect([...open]).toEqual([]);
  vi.useRealTimers();
});

function sheet(name: string, paint = (): unknown => told.push(`paint ${name}`)): Sheet {
  open.add(name);
  const picture = { close: () => open.delete(name) };
  return {
    picture: picture as unknown as Picture,
    surfaces: new Set([{ paint } as unknown as Surface]),
    painted: () => told.push(`painted ${name}`),
    failed: () => told.push(`failed ${name}`),
    overwritten: () => told.push(`overwritten ${name}`),
  };
}

test("few players paint at once", () => {
  players = 4;
  painter.put({}, sheet("a"));
  painter.put({}, sheet("b"));
  expect(told).toEqual(["paint a", "painted a", "paint b", "painted b"]);
});

test("many paint together, and not before the beat", () => {
  const owners = [{}, {}, {}];
  painter.put(owners[0]!, sheet("first"));
  vi.runAllTimers();
  told.length = 0;
  for (const [index, owner] of owners.entries()) painter.put(owner, sheet(String(index)));
  vi.advanceTimersByTime(49);
  expect(told).toEqual([]);
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(told.filter((each) => each.startsWith("painted"))).toEqual(["painted 0", "painted 1", "painted 2"]);
});

test("the newest picture of a player takes the place of the one before, which is closed and told of", () => {
  const owner = {};
  painter.put({}, sheet("other"));
  vi.runAllTimers();
  painter.put(owner, sheet("old"));
  painter.put(owner, sheet("new"));
  expect([...open]).toEqual(["new"]);
  vi.runAllTimers();
  expect(told.slice(2)).toEqual(["overwritten old", "paint new", "painted new"]);
});

test("when few are left, an older picture never follows a newer one", () => {
  const owner = {};
  painter.put({}, sheet("other"));
  vi.runAllTimers();
  painter.put(owner, sheet("old"));
  players = 1;
  painter.put(owner, sheet("new"));
  vi.runAllTimers();
  expect(told.slice(2)).toEqual(["overwritten old", "paint new", "painted new"]);
});

test("what is dropped is closed, and nothing is told of it", () => {
  const owner = {};
  painter.put(owner, sheet("a"));
  painter.drop(owner);
  vi.runAllTimers();
  expect(told).toEqual([]);
});

test("a surface that fails holds up no other player", () => {
  const broken = sheet("a", () => {
    throw new Error("lost context");
  });
  painter.put({}, broken);
  painter.put({}, sheet("b"));
  vi.runAllTimers();
  expect(told).toEqual(["failed a", "paint b", "painted b"]);
});
