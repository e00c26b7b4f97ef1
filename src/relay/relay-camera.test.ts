import { afterEach, expect, test, vi } from "vitest";
import { MemoryBus } from "../bus/index.ts";
import { ClockOffset } from "../flow/index.ts";
import {
  ageMicros,
  type CameraInfo,
  type Control,
  type Frame,
  Limits,
  type Micros,
  micros,
  now,
} from "../protocol/index.ts";
import { Places } from "./places.ts";
import { RelayCamera } from "./relay-camera.ts";

afterEach(() => {
  vi.useRealTimers();
});

const INFO: CameraInfo = {
  id: "there",
  name: "There",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  clock: { offset: 5_000_000, error: 1000 },
  hops: [{ hub: "aa", ageMs: 12 }],
  tracks: [
    { name: "jpeg", codec: "jpeg" },
    { name: "h264", codec: "avc1.42E01F" },
  ],
};

function relayed(places = new Places(Limits.MAX_WATCHES, () => {})) {
  const bus = new MemoryBus();
  const told: Control.Control[] = [];
  const acknowledged: number[] = [];
  const clock = new ClockOffset();
  const sent = now();
  // The source's clock is 2 s ahead of ours, seen over a round trip of 4 ms.
  clock.add(sent, micros(sent + 2000 + 2_000_000), micros(sent + 4000));
  const camera = new RelayCamera(INFO, "bb", {
    bus,
    id: "here",
    clock,
    places,
    tell: (message) => told.push(message),
    events: { acknowledge: ({ sequence }) => acknowledged.push(sequence), roundTripMs: () => 4 },
    refused: () => {},
  });
  return { bus, camera, clock, told, acknowledged };
}

const frame = (track: number, sequence: number, keyframe = true, capturedAt = now()): Frame.Frame => ({
  track,
  sequence,
  capturedAt,
  keyframe,
  discardable: false,
  layer: 0,
  payload: Uint8Array.of(sequence),
});

const NONE = { frame: () => {}, renumbered: () => {} };

test("a camera stands here under its id here, one hop further, on this machine's clock", () => {
  const { bus } = relayed();
  const here = bus.camera("here");
  expect(here).toMatchObject({ id: "here", name: "There", hops: [{ hub: "aa", ageMs: 12 }, { hub: "bb" }] });
  expect(here?.clock).toEqual({ offset: 3_000_000, error: 3000 });
});

test("a track is watched while somebody takes it, and told how old it was when it came", () => {
  const { bus, camera, told, acknowledged } = relayed();
  const subscription = bus.subscribe("here", "jpeg", NONE);
  expect(told).toEqual([{ type: "watch", camera: "there", track: "jpeg", window: 2 }]);
  camera.number("jpeg", 7);
  // 30 ms old, by a clock that is 3 s behind ours.
  const capturedAt = micros(now() - 3_000_000 - 30_000);
  expect(camera.frame(frame(7, 1, true, capturedAt))).toBe(true);
  expect(camera.frame(frame(8, 2))).toBe(false);
  expect(acknowledged).toEqual([1]);
  const newest = subscription.after(undefined);
  expect(newest?.capturedAt).toBe(capturedAt);
  expect(ageMicros(capturedAt, bus.camera("here") ?? {})).toBeGreaterThanOrEqual(30_000);
  expect(bus.camera("here")?.hops?.[1]?.ageMs).toBeGreaterThanOrEqual(30);
});

test("a track that nobody takes any more is watched for a while yet: those who come and go are not heard at the source", () => {
  vi.useFakeTimers();
  const { bus, told } = relayed();
  for (let n = 0; n < 100; n++) {
    bus.subscribe("here", "jpeg", NONE).close();
    vi.advanceTimersByTime(Limits.LINGER_MS - 1);
  }
  const watch = { type: "watch", camera: "there", track: "jpeg", window: 2 };
  expect(told).toEqual([watch]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([watch, { type: "unwatch", camera: "there", track: "jpeg" }]);
});

test("what the source says again is not told again, whatever its clock did meanwhile", () => {
  const { bus, camera, clock } = relayed();
  const told: (string | undefined)[] = [];
  bus.follow((_id, info) => told.push(info?.state));
  const sent = now();
  clock.add(sent, micros(sent + 1500 + 2_000_000), micros(sent + 3000));
  camera.update({ ...INFO }, "bb");
  expect(told).toEqual([]);
  camera.update({ ...INFO, state: "stalled" }, "bb");
  expect(told).toEqual(["stalled"]);
});

test("another number of the source is a hole in the sequence here, so no delta follows what it does not belong to", () => {
  const { bus, camera, told } = relayed();
  const subscription = bus.subscribe("here", "h264", NONE);
  camera.number("h264", 7);
  for (const sequence of [100, 101, 102]) camera.frame(frame(7, sequence, sequence === 100));
  expect(subscription.newest?.sequence).toBe(102);
  camera.detach();
  camera.update(INFO, "bb");
  camera.number("h264", 9);
  camera.frame(frame(9, 0, false));
  // It lacks its keyframe, and 0 of the new number must not seem to follow 102 of the old one.
  expect(subscription.newest?.sequence).toBe(102);
  expect(told.at(-1)).toEqual({ type: "keyframe", camera: "there", track: "h264" });
  camera.frame(frame(9, 1, true));
  camera.frame(frame(9, 2, false));
  expect(subscription.newest?.sequence).toBe(106);
  expect(subscription.after(102)?.keyframe).toBe(true);
});

test("a source that is lost leaves the picture for the moment; then the camera is gone, and says why", () => {
  const { bus, camera, told } = relayed();
  bus.subscribe("here", "jpeg", NONE);
  camera.detach();
  expect(bus.camera("here")?.state).toBe("live");
  camera.lose("no connection to the source");
  expect(bus.camera("here")).toMatchObject({ state: "gone", reason: "no connection to the source" });
  told.length = 0;
  camera.update(INFO, "bb");
  expect(bus.camera("here")?.state).toBe("live");
  expect(told).toEqual([{ type: "watch", camera: "there", track: "jpeg", window: 2 }]);
});

test("a track that the source gives no place for is asked for when another is left, and not before", () => {
  vi.useFakeTimers();
  const { bus, camera, told } = relayed(new Places(1, () => {}));
  const first = bus.subscribe("here", "jpeg", NONE);
  bus.subscribe("here", "h264", NONE).wantKeyframe();
  camera.detach();
  camera.update(INFO, "bb");
  const watch = { type: "watch", camera: "there", track: "jpeg", window: 2 };
  expect(told).toEqual([watch, watch]);
  first.close();
  vi.advanceTimersByTime(Limits.LINGER_MS);
  expect(told.slice(2)).toEqual([
    { type: "unwatch", camera: "there", track: "jpeg" },
    { type: "watch", camera: "there", track: "h264", window: expect.any(Number) },
  ]);
});

test("a camera that is taken off leaves its place: the source does not send it for nothing", () => {
  const places = new Places(1, () => {});
  const [one, two] = [relayed(places), relayed(places)];
  one.bus.subscribe("here", "jpeg", NONE);
  two.bus.subscribe("here", "jpeg", NONE);
  expect(two.told).toEqual([]);
  one.camera.close();
  expect(one.told.at(-1)).toEqual({ type: "unwatch", camera: "there", track: "jpeg" });
  expect(two.told).toEqual([{ type: "watch", camera: "there", track: "jpeg", window: 2 }]);
});
