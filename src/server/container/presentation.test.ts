import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCounters, writeClip } from "../../../test/support/clip.ts";
import { H264, PictureOrder } from "../../codec/index.ts";
import type { Frame, Micros } from "../../protocol/index.ts";
import { AccessUnits } from "../../recorder/access-units.ts";
import * as Ffmpeg from "../../recorder/engine/node-av/index.ts";
import { Presentation } from "./presentation.ts";

/** The frames of a clip in the order of decoding, at 25/s. */
async function framesOf(path: string): Promise<Frame.Frame[]> {
  await using input = await Ffmpeg.Input.open(path, {}, new AbortController().signal);
  const units = new AccessUnits(H264, input.video.parameters);
  const frames: Frame.Frame[] = [];
  for (let packet = await input.read(); packet !== undefined; packet = await input.read()) {
    using one = packet;
    const coded = units.push(one.copy())!;
    const sequence = frames.length;
    frames.push({ track: 1, sequence, layer: 0, capturedAt: (sequence * 40_000) as Micros, ...coded });
  }
  return frames;
}

let folder: string;
let plain: Frame.Frame[];
let reordered: Frame.Frame[];
let pyramid: Frame.Frame[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hello-order-"));
  const clip = { encoder: "libx264", width: 160, height: 96, frames: 90, gop: 70 }; // Longer than the count in a slice, which turns over.
  const options = { preset: "medium" };
  await writeClip(join(folder, "plain.mp4"), { ...clip, options: { preset: "ultrafast" } });
  await writeClip(join(folder, "b.mp4"), { ...clip, options, bFrames: 2 });
  const deep = { ...options, "x264-params": "b-pyramid=normal:b-adapt=0:log-level=none" };
  await writeClip(join(folder, "pyramid.mp4"), { ...clip, options: deep, bFrames: 3 });
  plain = await framesOf(join(folder, "plain.mp4"));
  reordered = await framesOf(join(folder, "b.mp4"));
  pyramid = await framesOf(join(folder, "pyramid.mp4"));
});
afterAll(() => rm(folder, { recursive: true }));

test("the place of a picture is what a decoder makes of it", async () => {
  for (const [frames, depth] of [
    [plain, 0],
    [reordered, 2],
    [pyramid, 2],
  ] as const) {
    const order = new PictureOrder();
    let base = 0;
    const places = frames.map(({ payload, keyframe }, index) => {
      if (keyframe) base = index;
      return base + (order.place(payload, keyframe) ?? index - base);
    });
    expect(order.reordered).toBeLessThanOrEqual(depth);
    // What was decoded first and is shown nth has the number n in its strip.
    const counters = await readCounters(
      frames.map(({ payload }) => payload),
      "h264",
    );
    expect(counters).toEqual(frames.map((_, index) => index));
    expect([...places].sort((a, b) => a - b)).toEqual(counters);
    if (depth > 0) expect(places).not.toEqual(counters);
  }
});

test("frames in order are shown when they were captured", () => {
  const presentation = new Presentation(25);
  expect(plain.map((frame) => presentation.at(frame))).toEqual(plain.map(({ capturedAt }) => capturedAt));
});

test("frames that are shown in another order keep their distance, and none is shown before it is decoded", () => {
  for (const frames of [reordered, pyramid]) {
    const presentation = new Presentation(25);
    const times = frames.map((frame) => presentation.at(frame));
    for (const [index, time] of times.entries()) {
      expect(time).toBeGreaterThanOrEqual(frames[index]!.capturedAt);
    }
    const shown = [...times].sort((a, b) => a - b);
    const gaps = new Set(shown.slice(1).map((time, index) => time - shown[index]!));
    expect(gaps).toEqual(new Set([40_000]));
  }
});

test("whatever the clock does, the order stays", () => {
  const places = (frames: readonly Frame.Frame[]): number[] => {
    const presentation = new Presentation(25);
    return frames.map((frame) => presentation.at(frame));
  };
  const ordered = (times: readonly number[]): number[] =>
    times.map((_, index) => index).sort((a, b) => times[a]! - times[b]!);
  const right = ordered(places(pyramid));
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200_000 }), { minLength: 40, maxLength: 40 }), (gaps) => {
      let at = 0;
      const jittered = pyramid.map((frame, index) => {
        at += gaps[index] ?? 0;
        return { ...frame, capturedAt: at as Micros };
      });
      const times = places(jittered);
      expect(ordered(times)).toEqual(right);
      expect(new Set(times).size).toBe(times.length);
    }),
    { numRuns: 50 },
  );
});
