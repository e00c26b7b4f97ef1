import { expect, test } from "vitest";
import { offered } from "../bus/bus.contract.ts";
import { MemoryBus, type Publication } from "../bus/index.ts";
import type { CameraInfo, Micros } from "../protocol/index.ts";
import { FrameBytes } from "./frame-bytes.ts";
import { SimpleViewer } from "./simple-viewer.ts";
import type { ViewerSocket } from "./web-socket.ts";

function camera(bus: MemoryBus, id: string): Publication {
  const tracks = ["jpeg", "jpeg-270p"].map((name) => ({ name, codec: "jpeg" }));
  const info: CameraInfo = { id, name: id, source: "test:", state: "live", since: 1 as Micros, tracks };
  return bus.publish(info, { demand: () => {}, keyframe: () => {}, refused: () => {} });
}

function viewer(bus: MemoryBus, track?: string): { viewer: SimpleViewer; firstBytes: number[] } {
  const firstBytes: number[] = [];
  const socket = { ready: true, write: (bytes: Buffer) => firstBytes.push(bytes[0] ?? -1) };
  const messages = new FrameBytes(({ payload }) => Buffer.from(payload));
  return {
    viewer: new SimpleViewer(bus, socket as unknown as ViewerSocket, messages, { track }),
    firstBytes,
  };
}

test("who names no camera gets the first, and the next when that one is removed", async () => {
  await using bus = new MemoryBus();
  const { viewer: asking, firstBytes } = viewer(bus);
  for (let asked = 0; asked < 3; asked++) asking.text();
  const first = camera(bus, "test");
  const second = camera(bus, "front");
  first.publish("jpeg", offered(11));
  second.publish("jpeg", offered(22));
  expect(firstBytes).toEqual([11]);
  first.close();
  expect(firstBytes).toEqual([11]);
  bus.forget("test");
  expect(firstBytes).toEqual([11, 22]);
  second.publish("jpeg", offered(33));
  expect(firstBytes).toEqual([11, 22, 33]);
  asking.closed();
});

test("who names a track and no camera gets that track of each", async () => {
  await using bus = new MemoryBus();
  const { viewer: asking, firstBytes } = viewer(bus, "jpeg-270p");
  for (let asked = 0; asked < 3; asked++) asking.text();
  const first = camera(bus, "test");
  const second = camera(bus, "front");
  for (const [publication, byte] of [
    [first, 11],
    [second, 22],
  ] as const) {
    publication.publish("jpeg", offered(byte));
    publication.publish("jpeg-270p", offered(byte + 1));
  }
  expect(firstBytes).toEqual([12]);
  first.close();
  bus.forget("test");
  expect(firstBytes).toEqual([12, 23]);
  asking.closed();
});
