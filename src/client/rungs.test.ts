import { expect, test } from "vitest";
import type { TrackInfo } from "../protocol/index.ts";
import { rungsFor } from "./rungs.ts";

const tracks: readonly TrackInfo[] = [
  { name: "jpeg", codec: "jpeg", width: 1280, height: 720, rate: 30 },
  { name: "h264", codec: "avc1.64001F", width: 1280, height: 720, rate: 30, bitrate: 4e6 },
  { name: "h264-270p", codec: "avc1.640015", width: 480, height: 270, rate: 30, bitrate: 6e5 },
  { name: "h264-540p", codec: "avc1.64001F", width: 960, height: 540, rate: 30, bitrate: 2e6 },
  { name: "jpeg-270p", codec: "jpeg", width: 480, height: 270, rate: 15 },
];
const nothing = { bps: new Map<string, number>(), frameBytes: new Map<string, number>() };
const names = (width: number, height: number): string[] =>
  rungsFor(tracks, { width, height }, nothing).map(({ name }) => name);

test("videos before stills, large before small", () => {
  expect(names(0, 0)).toEqual(["h264", "h264-540p", "h264-270p", "jpeg", "jpeg-270p"]);
  expect(names(3840, 2160)).toEqual(names(0, 0));
});

test("nothing larger than what fills the view", () => {
  expect(names(960, 540)).toEqual(["h264-540p", "h264-270p", "jpeg", "jpeg-270p"]);
  expect(names(1000, 562)).toEqual(["h264-540p", "h264-270p", "jpeg", "jpeg-270p"]);
  expect(names(200, 112)).toEqual(["h264-270p", "jpeg-270p"]);
  // Wide and low: its height is what limits the picture.
  expect(names(2000, 270)).toEqual(["h264-270p", "jpeg-270p"]);
});

test("what a track needs: what the camera says, else what was seen, else a guess by its pixels", () => {
  const need = (track: Partial<TrackInfo>, learned = nothing): number =>
    rungsFor(
      [{ name: "t", codec: "avc1.64001F", width: 1280, height: 720, rate: 30, ...track }],
      { width: 0, height: 0 },
      learned,
    )[0]!.needBps;
  expect(need({ bitrate: 4e6 })).toBe(4e6);
  expect(need({}, { ...nothing, bps: new Map([["t", 1e6]]) })).toBe(1.3e6);
  expect(need({})).toBeGreaterThan(1e6);
  expect(need({ codec: "jpeg" }, { ...nothing, frameBytes: new Map([["t", 50_000]]) })).toBe(2.4e6);
  expect(need({ codec: "jpeg", rate: 2 }, { ...nothing, frameBytes: new Map([["t", 50_000]]) })).toBe(0.8e6);
});

test("of two tracks of one size the first is taken", () => {
  const two = [...tracks, { name: "h265", codec: "hev1.1.6.L93.B0", width: 1280, height: 720 }];
  expect(rungsFor(two, { width: 0, height: 0 }, nothing).map(({ name }) => name)).not.toContain("h265");
});
