import { expect, test } from "vitest";
import type { CameraInfo, Micros } from "../protocol/index.ts";
import { type Facts, viewState } from "./stats.ts";

const camera: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 1_000_000 as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg", rate: 30 }],
};

const facts: Facts = {
  playing: true,
  link: { state: "open", sinceMs: 0 },
  listed: true,
  cameraId: "front",
  camera,
  track: "jpeg",
  silentMs: 20,
  now: 4_000_000 as Micros,
};

test("pictures come: live", () => {
  expect(viewState(facts)).toEqual({ state: "live" });
});

test("none has come for a second: stale, and for how long", () => {
  expect(viewState({ ...facts, silentMs: 999 }).state).toBe("live");
  expect(viewState({ ...facts, silentMs: 1_000 })).toEqual({ state: "stale", forMs: 1_000 });
});

test("a slow camera is given time", () => {
  const slow = { ...camera, tracks: [{ name: "jpeg", codec: "jpeg", rate: 0.5 }] };
  expect(viewState({ ...facts, camera: slow, silentMs: 5_900 }).state).toBe("live");
  expect(viewState({ ...facts, camera: slow, silentMs: 6_000 }).state).toBe("stale");
});

test("no picture yet: opening", () => {
  expect(viewState({ ...facts, silentMs: undefined }).state).toBe("opening");
});

test("a camera that is gone says why and since when, pictures or not", () => {
  const gone = { ...camera, state: "gone" as const, reason: "unplugged" };
  expect(viewState({ ...facts, camera: gone })).toEqual({ state: "gone", reason: "unplugged", forMs: 3_000 });
});

test("a camera that is not known", () => {
  expect(viewState({ ...facts, camera: undefined })).toMatchObject({
    state: "gone",
    reason: expect.stringContaining("front"),
  });
});

test("before the directory is there, nothing is said of cameras", () => {
  expect(viewState({ ...facts, listed: false, camera: undefined }).state).toBe("connecting");
});

test("a lost connection comes before what the camera was then", () => {
  const link = { state: "lost", sinceMs: Date.now() - 2_000, reason: "The server does not answer" } as const;
  const state = viewState({ ...facts, link });
  expect(state).toMatchObject({ state: "lost", reason: "The server does not answer" });
  expect(state.forMs).toBeGreaterThanOrEqual(2_000);
});

test("what nobody can see rests", () => {
  expect(viewState({ ...facts, playing: false, camera: undefined })).toEqual({ state: "paused" });
});
