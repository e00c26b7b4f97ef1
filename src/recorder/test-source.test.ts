import { expect, test } from "vitest";
import { micros } from "../protocol/index.ts";
import { type Luma, paintStrip, readStrip, STRIP_BITS, stripHeight } from "./counter-strip.ts";
import { createSource } from "./create-source.ts";
import * as Ffmpeg from "./engine/node-av/index.ts";
import { type SourceFrame } from "./frame-source.ts";
import * as Jpeg from "./jpeg.ts";
import { TestPicture } from "./test-picture.ts";

const never = new AbortController().signal;

async function luma(jpeg: Uint8Array): Promise<Luma> {
  const url = `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`;
  await using input = await Ffmpeg.Input.open(url, {}, never);
  await using decoder = await Ffmpeg.VideoDecoder.open(input);
  using packet = await input.read();
  const [picture] = [...(await decoder.decode(packet)), ...(await decoder.decode(undefined))];
  const { bytes, stride } = picture!.planes[0]!;
  const copy = { bytes: Uint8Array.from(bytes), stride, width: picture!.width, height: picture!.height };
  picture![Symbol.dispose]();
  return copy;
}

async function shoot(source: string, count: number, quality?: number): Promise<SourceFrame[]> {
  const stopping = new AbortController();
  await using capture = await createSource(source, { quality }).open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  const frames: SourceFrame[] = [];
  for await (const frame of capture.frames(stopping.signal)) {
    frames.push(frame);
    if (frames.length === count) stopping.abort();
  }
  return frames;
}

test.each([0, 1, 0x80000001, 0xdeadbeef, 0xffffffff, 0x55555555])(
  "a strip of %i is read as it was painted",
  (value) => {
    for (const [width, height] of [
      [64, 16],
      [1280, 720],
      [161, 99],
    ] as const) {
      const picture = { bytes: new Uint8Array(width * height).fill(99), stride: width, width, height };
      paintStrip(picture, value);
      expect(readStrip(picture)).toBe(value);
      // Where the specification says: the first block is the most significant bit, nothing above the strip is touched.
      const row = (height - 1) * width;
      expect(picture.bytes[row]).toBe(value >= 0x80000000 ? 255 : 0);
      expect(picture.bytes[row + Math.floor(width / STRIP_BITS) * STRIP_BITS - 1]).toBe(
        value % 2 === 1 ? 255 : 0,
      );
      expect(picture.bytes[(height - stripHeight(picture) - 1) * width]).toBe(99);
    }
  },
);

test.each([
  ["test:1280x720@240", 75],
  ["test:320x240@240", 20],
  ["test:161x99@240", 50],
  ["test:64x64@240", 75],
])("the frames of %s count from 0 and say so in their pixels", async (source, quality) => {
  const frames = await shoot(source, 3, quality);
  const counts = await Promise.all(frames.map(async ({ payload }) => readStrip(await luma(payload))));
  expect(counts).toEqual([0, 1, 2]);
  expect(frames.every(({ track, keyframe }) => track === "jpeg" && keyframe)).toBe(true);
});

test.each(["test:16x16@240", "test:17x33@240", "test:16x4320@240", "test:7680x16@240"])(
  "%s is a whole picture",
  async (source) => {
    const [frame] = await shoot(source, 1);
    const [, width, height] = /(\d+)x(\d+)/.exec(source)!.map(Number);
    expect(Jpeg.isWhole(frame!.payload)).toBe(true);
    expect(Jpeg.size(frame!.payload)).toEqual({ width, height });
  },
);

test("capture times rise, and the source says what it gives", async () => {
  const stopping = new AbortController();
  await using capture = await createSource("test:64x64@200").open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  expect(capture.tracks).toEqual([
    { name: "jpeg", codec: "jpeg", width: 64, height: 64, rate: 200 },
    { name: "h264", codec: "avc1.64001E", width: 64, height: 64, rate: 200, bitrate: 300_000 },
  ]);
  const times: number[] = [];
  for await (const { capturedAt } of capture.frames(stopping.signal)) {
    times.push(capturedAt);
    if (times.length === 5) stopping.abort();
  }
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(new Set(times).size).toBe(5);
});

test("only what moves is drawn again, and what it leaves behind is the background", () => {
  using first = Ffmpeg.Picture.blank(640, 360);
  using second = Ffmpeg.Picture.blank(640, 360);
  const at = micros(1_700_000_000_123_456);
  const travelled = new TestPicture({ width: 640, height: 360 }, 30, first.planes);
  for (let step = 0; step < 200; step++) travelled.draw(micros(at - step * 33_333), step);
  travelled.draw(at, 77);
  new TestPicture({ width: 640, height: 360 }, 30, second.planes).draw(at, 77);
  for (const [index, { bytes }] of first.planes.slice(0, 3).entries()) {
    expect(Buffer.compare(bytes, second.planes[index]!.bytes)).toBe(0);
  }
});

test("quality decides on the size", async () => {
  const sizes = [];
  for (const quality of [10, 50, 95])
    sizes.push((await shoot("test:640x360@240", 1, quality))[0]!.payload.byteLength);
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
  expect(sizes[2]! / sizes[0]!).toBeGreaterThan(2);
});

test("opening after an abort is an error, not a camera", async () => {
  await expect(createSource("test:").open(AbortSignal.abort())).rejects.toThrow("cannot open test:");
});
