import { expect, test } from "vitest";
import type { CameraInfo, Micros } from "../../protocol/index.ts";
import { Roster } from "./roster.ts";

function camera(id: string, name = id): CameraInfo {
  return { id, name, source: "test:", state: "live", since: 0 as Micros, tracks: [] };
}

function names(cameras: readonly CameraInfo[]): string[] {
  return cameras.map(({ name }) => name);
}

test("cameras stand in the order of their names, numbers by value", () => {
  const roster = new Roster();
  const shown = roster.update([camera("c", "Door 10"), camera("a", "Door 9"), camera("b", "Attic")], 0, 0);
  expect(names(shown)).toEqual(["Attic", "Door 9", "Door 10"]);
});

test("a camera that a server does not list when it is there again keeps its place for a while", () => {
  const roster = new Roster();
  roster.update([camera("a"), camera("b")], 0, 60_000);
  // The connection is lost, and there again.
  roster.update([camera("a"), camera("b")], 500, 0);
  expect(names(roster.update([camera("b")], 1_000, 10))).toEqual(["a", "b"]);
  expect(names(roster.update([camera("b")], 15_499, 14_500))).toEqual(["a", "b"]);
  expect(names(roster.update([camera("b")], 15_500, 14_501))).toEqual(["b"]);
});

test("a camera that is taken away is gone at once", () => {
  const roster = new Roster();
  roster.update([camera("a"), camera("b")], 0, 60_000);
  expect(names(roster.update([camera("b")], 1_000, 61_000))).toEqual(["b"]);
});

test("a camera that comes back is the new one", () => {
  const roster = new Roster();
  roster.update([camera("a", "old")], 0, 0);
  roster.update([], 1_000, 100);
  expect(names(roster.update([camera("a", "new")], 2_000, 1_100))).toEqual(["new"]);
});
