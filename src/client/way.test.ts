import { expect, test } from "vitest";
import type { CameraInfo, Micros } from "../protocol/index.ts";
import { choose, sameWay, type Way, waysOf } from "./way.ts";

const camera: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 0 as Micros,
  tracks: [
    { name: "jpeg", codec: "jpeg" },
    { name: "h264", codec: "avc1.42E01F" },
    { name: "h265", codec: "hev1.1.6.L93.B0" },
  ],
};

const all = waysOf(camera, {
  webcodecs: (codec) => codec.startsWith("avc1"),
  mse: (codec) => codec.startsWith("avc1"),
});
const none = (): boolean => false;
const name = (way: Way | undefined): string => `${way?.track}/${way?.decoder}`;

test("video comes before pictures, and WebCodecs before a video element; what cannot be decoded is no way", () => {
  expect(all.map(name)).toEqual(["h264/webcodecs", "h264/mse", "jpeg/image"]);
  expect(waysOf(camera, { webcodecs: none, mse: none }).map(name)).toEqual(["jpeg/image"]);
});

test.each([
  [{}, "h264/webcodecs"],
  [{ track: "", decoder: "" }, "h264/webcodecs"],
  [{ track: "jpeg" }, "jpeg/image"],
  [{ decoder: "mse" }, "h264/mse"],
  [{ track: "h264", decoder: "mse" }, "h264/mse"],
  [{ track: "jpeg", decoder: "mse" }, "jpeg/image"],
  [{ track: "h265" }, "h264/webcodecs"],
  [{ decoder: "crystal" }, "h264/webcodecs"],
])("%o is answered with %s", (wish, expected) => {
  expect(name(choose(all, wish, none))).toBe(expected);
});

test("what has failed is not taken, even if it is wished; the last way always is", () => {
  const failed = ({ decoder }: Way): boolean => decoder !== "image";
  expect(name(choose(all, {}, ({ decoder }) => decoder === "webcodecs"))).toBe("h264/mse");
  expect(name(choose(all, { track: "h264" }, failed))).toBe("jpeg/image");
  expect(name(choose(all, {}, () => true))).toBe("jpeg/image");
  expect(choose([], {}, none)).toBeUndefined();
});

test("another level is the same way, another codec is not", () => {
  const way = all[0]!;
  expect(sameWay(way, { ...way, codec: "avc1.640028" })).toBe(true);
  expect(sameWay(way, { ...way, codec: "hev1.1.6.L93.B0" })).toBe(false);
  expect(sameWay(way, undefined)).toBe(false);
});
