import { expect, test } from "vitest";
import { Limits, micros } from "../protocol/index.ts";
import type { SourceFrame } from "./frame-source.ts";
import { Outlet } from "./outlet.ts";

let count = 0;
const frame = (track: string, keyframe: boolean): SourceFrame => ({
  track,
  keyframe,
  discardable: false,
  capturedAt: micros(count++),
  payload: new Uint8Array(1),
});
const key = (track: string): SourceFrame => frame(track, true);
const delta = (track: string): SourceFrame => frame(track, false);

async function drain(outlet: Outlet): Promise<SourceFrame[]> {
  outlet.end();
  const frames: SourceFrame[] = [];
  for await (const one of outlet.frames(new AbortController().signal)) frames.push(one);
  return frames;
}

test("a keyframe replaces what its own track still has", async () => {
  const outlet = new Outlet();
  const frames = [key("jpeg"), key("h264"), delta("h264"), key("jpeg"), delta("h264")];
  for (const one of frames) outlet.put(one);
  expect(await drain(outlet)).toEqual(frames.slice(1));
  expect(outlet.overwritten).toBe(1);
});

test("a delta never follows a hole", async () => {
  const outlet = new Outlet();
  outlet.put(key("h264"));
  for (let i = 0; i < Limits.MAX_GOP_FRAMES; i++) outlet.put(delta("h264"));
  outlet.put(delta("h264"));
  const again = [key("h264"), delta("h264")];
  for (const one of again) outlet.put(one);
  expect(await drain(outlet)).toEqual(again);
  expect(outlet.overwritten).toBe(Limits.MAX_GOP_FRAMES + 2);
});

test("an error comes behind the last frame", async () => {
  const outlet = new Outlet();
  outlet.put(key("jpeg"));
  outlet.end(new Error("lost"));
  const frames = outlet.frames(new AbortController().signal)[Symbol.asyncIterator]();
  expect((await frames.next()).done).toBe(false);
  await expect(frames.next()).rejects.toThrow("lost");
});
