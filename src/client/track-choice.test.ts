import { expect, test } from "vitest";
import type { Signs } from "../flow/vitals.ts";
import type { TrackInfo } from "../protocol/index.ts";
import { type Choices, type Playing, TrackChoice } from "./track-choice.ts";
import type { Way } from "./way.ts";

const tracks: readonly TrackInfo[] = [
  { name: "jpeg", codec: "jpeg", width: 1280, height: 720, rate: 30 },
  { name: "h264", codec: "avc1.64001F", width: 1280, height: 720, rate: 30, bitrate: 4e6 },
  { name: "h264-270p", codec: "avc1.640015", width: 480, height: 270, rate: 30, bitrate: 6e5 },
];
const ways: readonly Way[] = [
  { track: "h264", codec: "avc1.64001F", decoder: "webcodecs" },
  { track: "h264-270p", codec: "avc1.640015", decoder: "webcodecs" },
  { track: "h264", codec: "avc1.64001F", decoder: "mse" },
  { track: "jpeg", codec: "jpeg", decoder: "image" },
];
const all: Choices = { tracks, ways, sizes: [{ width: 1280, height: 720 }] };

function playing(way: Way | undefined, signs: Partial<Signs> = {}): Playing {
  return {
    way: way!,
    catchingUp: false,
    signs: () => ({
      lateMs: 5,
      receivedBps: 8e5,
      carriedBps: 8e5,
      provenBps: 8e5,
      broken: 0,
      skipped: 0,
      frameBytes: 4_000,
      intervalMs: 33,
      workMs: 5,
      beganAtMs: 0,
      ...signs,
    }),
  };
}

test("the best track there is, by the best way to decode it", () => {
  const choice = new TrackChoice();
  expect(choice.way).toBeUndefined();
  choice.offer(all, 0);
  expect(choice.way).toEqual(ways[0]);
  expect([choice.reason, choice.switches, choice.hurry]).toEqual(["start", 0, false]);
});

test("the largest view decides, and one that does not know its size may be any", () => {
  const small = { width: 320, height: 180 };
  const choice = new TrackChoice();
  choice.offer({ ...all, sizes: [small, small] }, 0);
  expect(choice.way?.track).toBe("h264-270p");
  const other = new TrackChoice();
  other.offer({ ...all, sizes: [small, { width: 0, height: 0 }] }, 0);
  expect(other.way?.track).toBe("h264");
});

test("trouble on the link: less, at once; the same track by another decoder is no change", () => {
  const choice = new TrackChoice();
  choice.offer(all, 0);
  for (let nowMs = 1_000; nowMs < 2_000; nowMs += 100) {
    choice.look(playing(choice.way, { lateMs: 200, beganAtMs: 500 }), { openMs: 0, roundTripMs: 1 }, nowMs);
    choice.offer(all, nowMs);
  }
  expect([choice.way?.track, choice.reason, choice.hurry, choice.switches]).toEqual([
    "h264-270p",
    "link",
    true,
    1,
  ]);
});

test("what is told of another track than the chosen one is not believed", () => {
  const choice = new TrackChoice();
  choice.offer(all, 0);
  for (let nowMs = 1_000; nowMs < 3_000; nowMs += 100)
    choice.look(playing(ways[1], { lateMs: 500 }), { openMs: 0, roundTripMs: 1 }, nowMs);
  expect(choice.way?.track).toBe("h264");
});

test("a way that works no more is not taken", () => {
  const choice = new TrackChoice();
  choice.offer(all, 0);
  choice.offer({ ...all, ways: ways.slice(1) }, 10);
  expect(choice.way).toEqual(ways[2]);
  choice.offer({ ...all, ways: ways.slice(3) }, 20);
  expect(choice.way?.track).toBe("jpeg");
});
