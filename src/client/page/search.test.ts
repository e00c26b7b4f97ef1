import { expect, test } from "vitest";
import type { CameraInfo, CameraState, Micros } from "../../protocol/index.ts";
import { find } from "./search.ts";

function camera(id: string, name = id, state: CameraState = "live"): CameraInfo {
  return { id, name, source: "test:", state, since: 0 as Micros, tracks: [] };
}

const cameras = [
  camera("front", "Front door"),
  camera("back", "Back door", "gone"),
  camera("yard-2", "Hof (Süd)", "stalled"),
  camera("attic", "Attic", "closed"),
];

function found(words: string, troubled = false): string[] {
  return find(cameras, { words, troubled }).map(({ id }) => id);
}

test("no words find all", () => {
  expect(found("")).toEqual(["front", "back", "yard-2", "attic"]);
  expect(found("  ")).toHaveLength(4);
});

test("words are parts of name or id, in any order, without regard to case and accents", () => {
  expect(found("DOOR")).toEqual(["front", "back"]);
  expect(found("door back")).toEqual(["back"]);
  expect(found("sud")).toEqual(["yard-2"]);
  expect(found("yard")).toEqual(["yard-2"]);
  expect(found("garage")).toEqual([]);
});

test("those in trouble are those that have failed: one that nobody watches is well", () => {
  expect(found("", true)).toEqual(["back", "yard-2"]);
  expect(found("door", true)).toEqual(["back"]);
});
