import { expect, test } from "vitest";
import { type Pose, UPRIGHT } from "./pose.ts";
import { PoseMemory, type Shelf } from "./pose-memory.ts";

const TURNED: Pose = { quarters: 1, mirrored: true, zoom: 2, x: 0.25, y: 0.5 };

function shelf(): Shelf & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
  };
}

test("each camera has a pose of its own", () => {
  const place = shelf();
  new PoseMemory(() => place).keep("http://one/ front", TURNED);
  const later = new PoseMemory(() => place);
  expect(later.recall("http://one/ front")).toEqual(TURNED);
  expect(later.recall("http://two/ front")).toEqual(UPRIGHT);
});

test("an upright picture needs no memory", () => {
  const place = shelf();
  const memory = new PoseMemory(() => place);
  memory.keep("front", TURNED);
  memory.keep("front", { ...TURNED, quarters: 0, mirrored: false, zoom: 1 });
  expect(place.kept.size).toBe(0);
});

test("what another program left there is no pose", () => {
  const place = shelf();
  const memory = new PoseMemory(() => place);
  memory.keep("front", TURNED);
  for (const name of place.kept.keys()) place.kept.set(name, "nonsense");
  expect(memory.recall("front")).toEqual(UPRIGHT);
});

test("a browser that keeps nothing forgets", () => {
  const memory = new PoseMemory(() => {
    throw new DOMException("denied", "SecurityError");
  });
  memory.keep("front", TURNED);
  expect(memory.recall("front")).toEqual(UPRIGHT);
});
