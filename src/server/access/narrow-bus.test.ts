import { expect, test, vi } from "vitest";
import { FRONT, picture } from "../../../test/support/test-server.ts";
import { MemoryBus } from "../../bus/index.ts";
import type { Micros } from "../../protocol/index.ts";
import { narrow } from "./narrow-bus.ts";

const QUIET = { demand: () => {}, keyframe: () => {}, refused: () => {} };

test("who sees some cameras has no sign of the others", async () => {
  const bus = new MemoryBus();
  const adjust = vi.fn(async () => []);
  const [front, back] = ["front", "back"].map((id) => bus.publish({ ...FRONT, id }, { ...QUIET, adjust }));
  const seen = narrow(bus, new Set(["front"]));
  expect(seen.cameras().map(({ id }) => id)).toEqual(["front"]);
  expect(seen.camera("front")).toBeDefined();
  expect(seen.camera("back")).toBeUndefined();
  const changed: string[] = [];
  seen.follow((id) => changed.push(id));
  front?.update({ ...FRONT, name: "new" });
  back?.update({ ...FRONT, id: "back", name: "new" });
  expect(changed).toEqual(["front"]);
  const [ofFront, ofBack] = ["front", "back"].map((id) =>
    seen.subscribe(id, "jpeg", { frame: () => {}, renumbered: () => {} }),
  );
  for (const publication of [front, back]) {
    publication?.publish("jpeg", {
      sequence: 1,
      capturedAt: 1 as Micros,
      keyframe: true,
      discardable: false,
      layer: 0,
      payload: picture(1),
    });
  }
  expect(ofFront?.newest?.sequence).toBe(1);
  expect(ofBack?.newest).toBeUndefined();
  expect(ofBack?.after(undefined)).toBeUndefined();
  expect(seen.figures("back")).toEqual([]);
  await seen.adjust("front", new Map());
  await expect(seen.adjust("back", new Map([["a", 1]]))).rejects.toThrow("there is no such camera");
  expect(adjust).toHaveBeenCalledOnce();
});

test("who sees some cameras is not told where they hang", () => {
  const bus = new MemoryBus();
  const source = "rtsp://10.0.0.5/live";
  const camera = bus.publish({ ...FRONT, source }, { ...QUIET, adjust: async () => [] });
  const seen = narrow(bus, new Set([FRONT.id]));
  const told: unknown[] = [];
  seen.follow((_id, info) => told.push(info));
  camera.update({ ...FRONT, source, state: "gone", reason: `cannot open ${source}: no answer` });
  const expected = { source: "", reason: "cannot open the camera: no answer" };
  expect(seen.camera(FRONT.id)).toMatchObject(expected);
  expect(seen.cameras()).toMatchObject([expected]);
  expect(told).toMatchObject([expected]);
  expect(bus.camera(FRONT.id)?.source).toBe(source);
});

test("who sees some cameras has the same list of them until something changes", () => {
  const bus = new MemoryBus();
  const camera = bus.publish(FRONT, QUIET);
  const seen = narrow(bus, new Set([FRONT.id]));
  expect(seen.cameras()).toBe(seen.cameras());
  camera.update({ ...FRONT, name: "new" });
  expect(seen.cameras()).toMatchObject([{ name: "new" }]);
});

test("who sees all has the bus itself", () => {
  const bus = new MemoryBus();
  expect(narrow(bus, undefined)).toBe(bus);
});
