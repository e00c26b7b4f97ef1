import { expect, test } from "vitest";
import { type CameraInfo, Control, type Micros } from "../protocol/index.ts";
import { ControlBytes } from "./control-bytes.ts";
import { Opcode } from "./message-header.ts";

const camera: CameraInfo = {
  id: "front",
  name: "Front door",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  tracks: [],
};

/** What a viewer reads out of a short message. */
const said = (bytes: Buffer): Control.Control =>
  Control.decode(bytes.subarray(bytes[1] === 126 ? 4 : 2).toString());

test("what is said of a camera is made once, and anew when it has changed", () => {
  const bytes = new ControlBytes();
  const first = bytes.of({ type: "camera", camera });
  expect(first[0]).toBe(0x80 | Opcode.TEXT);
  expect(said(first)).toEqual({ type: "camera", camera });
  expect(bytes.of({ type: "camera", camera })).toBe(first);
  const changed = { ...camera, state: "gone" as const };
  expect(said(bytes.of({ type: "camera", camera: changed }))).toEqual({ type: "camera", camera: changed });
});

test("a directory is made once for all who ask, and anew when it is another one", () => {
  const bytes = new ControlBytes();
  const cameras = [camera];
  const first = bytes.of({ type: "cameras", cameras });
  expect(said(first)).toEqual({ type: "cameras", cameras });
  expect(bytes.of({ type: "cameras", cameras })).toBe(first);
  expect(said(bytes.of({ type: "cameras", cameras: [] }))).toEqual({ type: "cameras", cameras: [] });
});

test("all else is made for the one who is told", () => {
  const bytes = new ControlBytes();
  const watching = { type: "watching", camera: "front", track: "jpeg" } as const;
  expect(said(bytes.of({ ...watching, number: 7 }))).toEqual({ ...watching, number: 7 });
  expect(said(bytes.of({ ...watching, number: 8 }))).toEqual({ ...watching, number: 8 });
});
