import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { concatenate, readCounters, readPictures, writeClip } from "../../test/support/clip.ts";
import { watchSource } from "../../test/support/source-frames.ts";
import { type Micros, micros } from "../protocol/index.ts";
import * as Ffmpeg from "./engine/node-av/index.ts";
import type { SourceFrame } from "./frame-source.ts";
import { H264Encoding } from "./h264-encoding.ts";
import * as Jpeg from "./jpeg.ts";
import { VIDEO_RUNGS } from "./rung.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hello-ladder-"));
  const clip = { encoder: "libx264", options: { preset: "ultrafast" }, width: 640, height: 360 };
  await writeClip(join(folder, "clip.mp4"), { ...clip, frames: 50, gop: 10 });
});

afterAll(() => rm(folder, { recursive: true }));

const of = (frames: readonly SourceFrame[], track: string): SourceFrame[] =>
  frames.filter((frame) => frame.track === track);
const payloads = (frames: readonly SourceFrame[]): Uint8Array[] => frames.map(({ payload }) => payload);

test.each([
  ["drawn here", () => "test:640x360@60"],
  ["decoded here", () => join(folder, "clip.mp4")],
])("rungs of pictures that are %s are made while they are wanted, of one decode", async (_, source) => {
  const wanted = ["h264-270p", "h264-180p", "jpeg-270p", "jpeg-135p"];
  const { frames, capture } = await watchSource(source(), wanted, (got) =>
    wanted.every((track) => of(got, track).length >= 8),
  );
  expect(new Set(frames.map(({ track }) => track))).toEqual(new Set(wanted));
  for (const [track, width, height] of [
    ["h264-270p", 480, 270],
    ["h264-180p", 320, 180],
  ] as const) {
    const pictures = await readPictures(payloads(of(frames, track)), "h264");
    expect(pictures).toHaveLength(of(frames, track).length);
    expect(pictures[0]).toMatchObject({ width, height });
    const info = capture.tracks.find(({ name }) => name === track);
    expect(info).toMatchObject({ codec: "avc1.64001E", width, height });
  }
  const sizes = ["jpeg-270p", "jpeg-135p"].map((track) => Jpeg.size(of(frames, track)[0]!.payload));
  expect(sizes).toEqual([
    { width: 480, height: 270 },
    { width: 240, height: 134 },
  ]);
  // The slow rung takes every third or second picture.
  expect(of(frames, "h264-180p").length).toBeLessThan(of(frames, "h264-270p").length * 0.7);
  const { decoded, encoded } = capture.counters;
  expect(encoded).toBeGreaterThanOrEqual(frames.length);
  if (decoded > 0) expect(decoded).toBeLessThan(encoded);
});

test("a source that passes through does so beside its rungs, and nothing is made when they are left", async () => {
  let before = 0;
  const { frames } = await watchSource(join(folder, "clip.mp4"), ["h264"], (got, capture) => {
    const count = of(got, "h264").length;
    if (count === 10 && got.length === 10) {
      expect(capture.counters).toMatchObject({ decoded: 0, encoded: 0 });
      capture.want(new Set(["h264", "h264-270p"]));
    }
    if (before === 0 && of(got, "h264-270p").length === 5) {
      capture.want(new Set(["h264"]));
      before = count;
    }
    return before > 0 && count > before + 20;
  });
  const counters = await readCounters(payloads(of(frames, "h264")), "h264");
  expect(counters.slice(0, 20)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(of(frames, "h264-270p").length).toBeLessThanOrEqual(7);
});

test("an HTTP camera has rungs as soon as its size is known, and loads what makes them when they are wanted", async () => {
  const { frames: drawn } = await watchSource("test:640x360@240", ["jpeg"], (got) => got.length === 4);
  const pictures = payloads(drawn);
  let sending: NodeJS.Timeout | undefined;
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=frame" });
    let count = 0;
    sending = setInterval(() => {
      const picture = pictures[count++ % pictures.length]!;
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${picture.byteLength}\r\n\r\n`);
      response.write(picture);
      response.write("\r\n");
    }, 10);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    const { frames, capture } = await watchSource(`http://127.0.0.1:${port}/`, ["jpeg"], (got, camera) => {
      if (got.length === 1) {
        expect(camera.counters.decoded).toBe(0);
        camera.want(new Set(["jpeg", "h264-270p", "jpeg-135p"]));
      }
      return of(got, "h264-270p").length >= 3 && of(got, "jpeg-135p").length >= 3;
    });
    const names = ["jpeg", "h264", "h264-270p", "h264-180p", "jpeg-270p", "jpeg-135p"];
    expect(capture.tracks.map(({ name }) => name)).toEqual(names);
    const known = new Set(pictures.map((picture) => Buffer.from(picture).toString("base64")));
    for (const { payload } of of(frames, "jpeg")) {
      expect(known.has(Buffer.from(payload).toString("base64"))).toBe(true);
    }
    expect((await readPictures(payloads(of(frames, "h264-270p")), "h264"))[0]?.width).toBe(480);
    expect(Jpeg.size(of(frames, "jpeg-135p")[0]!.payload)?.width).toBe(240);
  } finally {
    clearInterval(sending);
    server.closeAllConnections();
    server.close();
  }
});

describe("an encoder that does not work", () => {
  test("takes its tracks along, and not what passes through", async () => {
    // Whichever hardware is here, it is not that of another system.
    const encoder = process.platform === "darwin" ? "v4l2m2m" : "videotoolbox";
    const { frames, capture } = await watchSource(
      join(folder, "clip.mp4"),
      ["h264", "h264-270p"],
      (got, { problem }) => problem !== undefined && of(got, "h264").length > 20,
      { encoder },
    );
    expect(of(frames, "h264-270p")).toEqual([]);
    expect(capture.problem).toMatch(`the encoder ${encoder} does not work here`);
    const names = capture.tracks.map(({ name }) => name);
    expect(names).toContain("h264");
    expect(names).toContain("jpeg-270p");
    expect(names).not.toContain("h264-270p");
  });
});

test("a decoder that cannot begin takes nothing along that passes through", async () => {
  const { frames: pictures } = await watchSource("test:640x360@240", ["jpeg"], (got) => got.length === 12);
  await concatenate(join(folder, "camera.mjpeg"), payloads(pictures));
  const open = vi.spyOn(Ffmpeg.VideoDecoder, "open").mockRejectedValue(new Error("it is broken"));
  try {
    const { frames, capture } = await watchSource(
      join(folder, "camera.mjpeg"),
      ["jpeg", "h264"],
      (got, camera) => {
        if (camera.problem === undefined) return false;
        expect(camera.tracks.map(({ name }) => name)).toEqual(["jpeg"]);
        return got.length > 10;
      },
    );
    expect(new Set(frames.map(({ track }) => track))).toEqual(new Set(["jpeg"]));
    expect(capture.problem).toBe(
      `cannot decode the mjpeg video of ${join(folder, "camera.mjpeg")}: it is broken`,
    );
  } finally {
    open.mockRestore();
  }
});

describe.each(VIDEO_RUNGS.slice(2))("$name of a noisy, moving picture", (rung) => {
  test("keeps below its bitrate in every second, and a keyframe takes no more than some frames' time", async () => {
    const whole = { width: 960, height: 540 };
    const encoding = new H264Encoding(Ffmpeg.nodeAv, { encoder: "x264" }, { rate: 30, size: whole }, rung);
    using picture = Ffmpeg.Picture.blank(whole.width, whole.height);
    const luma = picture.planes[0]!.bytes;
    const frames: (SourceFrame & { at: Micros })[] = [];
    for (let count = 0; count < 120; count++) {
      // Stripes that travel under a noise that never repeats.
      let state = count + 1;
      for (let at = 0; at < luma.length; at++) {
        state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
        luma[at] = 96 + (((at + count * 7) >> 5) & 1) * 60 + ((state >> 16) & 31);
      }
      if (count === 75) encoding.keyframe();
      for (const frame of await encoding.encode(picture, micros(count * 33_333))) {
        frames.push({ ...frame, at: frame.capturedAt });
      }
    }
    await encoding.rest();
    const { bitrate = 0, rate = 0 } = encoding.info;
    const bits = frames.map(({ payload }) => payload.byteLength * 8);
    const seconds = bits
      .slice(0, -Math.floor(rate))
      .map((_, from) => bits.slice(from, from + Math.floor(rate)).reduce((sum, size) => sum + size, 0));
    // It is a picture that takes all that it may have.
    expect(Math.max(...seconds) / bitrate).toBeGreaterThan(0.6);
    // What x264 mistakes by in one picture it makes good in the next.
    expect(Math.max(...seconds) / bitrate).toBeLessThan(1.05);
    const keyframes = frames.flatMap(({ keyframe }, index) => (keyframe ? [bits[index]!] : []));
    expect(keyframes.length).toBeGreaterThanOrEqual(1);
    expect(Math.max(...keyframes) / bitrate).toBeLessThan(0.2);
  });
});
