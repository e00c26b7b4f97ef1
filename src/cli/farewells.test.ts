import { expect, test } from "vitest";
import { FRONT } from "../../test/support/test-server.ts";
import { MemoryBus } from "../bus/index.ts";
import { Farewells } from "./farewells.ts";

const QUIET = { demand: () => {}, keyframe: () => {}, refused: () => {} };

test("a camera is forgotten although its recorder is not known to have ended yet", () => {
  const bus = new MemoryBus();
  const publication = bus.publish(FRONT, QUIET);
  const farewells = new Farewells(bus);
  farewells.say("front");
  expect(bus.cameras()).toHaveLength(1);
  publication.close();
  expect(bus.cameras()).toEqual([]);
});

test("one that is there again stays", () => {
  const bus = new MemoryBus();
  const publication = bus.publish(FRONT, QUIET);
  const farewells = new Farewells(bus);
  farewells.say("front");
  farewells.takeBack("front");
  publication.close();
  expect(bus.cameras()).toMatchObject([{ id: "front", state: "gone" }]);
});

test("one that nobody knows is nothing to forget", () => {
  const bus = new MemoryBus();
  new Farewells(bus).say("front");
  bus.publish(FRONT, QUIET).close();
  expect(bus.cameras()).toMatchObject([{ state: "gone" }]);
});
