import { expect, test } from "vitest";
import type { Device } from "./camera-spec.ts";
import { PluggedCameras } from "./plugged-cameras.ts";

const FRONT: Device = { name: "Front", source: "usb:1" };
const YARD: Device = { name: "Yard", source: "usb:2" };

function plugged(): {
  cameras: PluggedCameras;
  now: { devices: readonly Device[] | undefined };
  events: string[];
} {
  const now: { devices: readonly Device[] | undefined } = { devices: [] };
  const events: string[] = [];
  const cameras = new PluggedCameras({
    find: async () => now.devices,
    start: ({ id }) => events.push(`start ${id}`),
    stop: (id) => events.push(`stop ${id}`),
    settings: {},
  });
  return { cameras, now, events };
}

test("every device is a camera, and those that come later are too", async () => {
  const { cameras, now, events } = plugged();
  now.devices = [FRONT];
  await cameras.look();
  now.devices = [FRONT, YARD];
  await cameras.look();
  expect(events).toEqual(["start front", "start yard"]);
});

test("the test picture makes room for the first camera and does not come back", async () => {
  const { cameras, now, events } = plugged();
  await cameras.look();
  await cameras.look();
  expect(events).toEqual(["start test"]);
  now.devices = [FRONT];
  await cameras.look();
  now.devices = [];
  await cameras.look();
  expect(events).toEqual(["start test", "start front", "stop test"]);
});

test("two looks at once find a camera once", async () => {
  const { cameras, now, events } = plugged();
  now.devices = [FRONT];
  await Promise.all([cameras.look(), cameras.look()]);
  expect(events).toEqual(["start front"]);
});

test("what could not be listed is said, and shows the test picture", async () => {
  const { cameras, now, events } = plugged();
  now.devices = undefined;
  expect(await cameras.look()).toBe(false);
  expect(events).toEqual(["start test"]);
});
