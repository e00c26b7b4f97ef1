import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clip, concatenate, readCounters, readPictures, writeClip } from "../../test/support/clip.ts";
import { AnnexB } from "../codec/index.ts";
import type { TrackInfo } from "../protocol/index.ts";
import { createSource } from "./create-source.ts";
import { probeEncoders } from "./encoder-trial.ts";
import type { Capture, SourceFrame } from "./frame-source.ts";
import type { SourceOptions } from "./source.ts";

const X264 = { encoder: "libx264", options: { preset: "ultrafast" }, width: 320, height: 180 };

let folder: string;
const path = (name: string): string => join(folder, name);
const clip = (name: string, change: Partial<Clip> = {}): Promise<void> =>
  writeClip(path(name), { ...X264, frames: 30, gop: 10, ...change });

/** The frames of a source; after each of them `react` may tell the camera something, and says whether to go on. */
async function watch(
  source: string,
  wanted: readonly string[],
  react: (frames: readonly SourceFrame[], capture: Capture) => boolean,
  options: SourceOptions = {},
): Promise<{ frames: SourceFrame[]; tracks: readonly TrackInfo[]; capture: Capture }> {
  const stopping = new AbortController();
  await using capture = await createSource(source, options).open(stopping.signal);
  const { tracks } = capture;
  capture.want(new Set(wanted));
  const frames: SourceFrame[] = [];
  for await (const frame of capture.frames(stopping.signal)) {
    frames.push(frame);
    if (!react(frames, capture)) stopping.abort();
  }
  return { frames, tracks, capture };
}

const until =
  (count: number) =>
  (frames: readonly SourceFrame[]): boolean =>
    frames.length < count;
const payloads = (frames: readonly SourceFrame[], track: string): Uint8Array[] =>
  frames.filter((frame) => frame.track === track).map(({ payload }) => payload);
const keys = (frames: readonly SourceFrame[]): number[] =>
  frames.flatMap(({ keyframe }, index) => (keyframe ? [index] : []));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const unitTypes = (payload: Uint8Array | undefined): number[] =>
  AnnexB.split(payload ?? new Uint8Array()).map((unit) => (unit[0] ?? 0) & 0x1f);

beforeAll(async () => {
  // Its encoder talks on the standard error.
  process.env["SVT_LOG"] = "1";
  folder = await mkdtemp(join(tmpdir(), "hello-tracks-"));
  await clip("plain.mp4");
  await clip("bframes.mkv", { options: { preset: "medium" }, bFrames: 2 });
  await clip("long.mp4", { frames: 200, gop: 200 });
  await clip("large.h264", { frames: 8, gop: 8 });
  await clip("small.h264", { frames: 8, gop: 8, width: 160, height: 90 });
  await concatenate(path("sizes.h264"), [
    await readFile(path("large.h264")),
    await readFile(path("small.h264")),
  ]);
});

afterAll(() => rm(folder, { recursive: true }));

describe("h264 that is made here", () => {
  test("decodes from every keyframe, in step with its source", async () => {
    const { frames, tracks, capture } = await watch("test:640x360@60", ["h264"], (got, camera) => {
      if (got.length === 10) camera.keyframe("h264");
      return got.filter(({ keyframe }) => keyframe).length < 3 || got.at(-1)?.keyframe === true
        ? (camera.keyframe("h264"), got.length < 400)
        : false;
    });
    expect(keys(frames).length).toBeGreaterThanOrEqual(3);
    const all = await readCounters(payloads(frames, "h264"), "h264");
    expect(all).toHaveLength(frames.length);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(new Set(all).size).toBe(all.length);
    for (const start of keys(frames)) {
      expect(await readCounters(payloads(frames.slice(start), "h264"), "h264")).toEqual(all.slice(start));
      expect(unitTypes(frames[start]?.payload)).toEqual(expect.arrayContaining([7, 8, 5]));
    }
    expect(capture.tracks).toBe(tracks);
    expect(tracks[1]).toEqual({
      name: "h264",
      codec: "avc1.64001F",
      width: 640,
      height: 360,
      rate: 60,
      bitrate: 2_378_414,
    });
  });

  test("gives one keyframe for ten wishes, and two a second at most", async () => {
    const { frames } = await watch("test:160x120@120", ["h264"], (got, camera) => {
      if (got.length > 5 && got.length <= 15) camera.keyframe("h264");
      return got.length < 140;
    });
    const [first, second, ...more] = keys(frames);
    expect([first, more]).toEqual([0, []]);
    expect(frames[second!]!.capturedAt - frames[0]!.capturedAt).toBeGreaterThan(450_000);
  });

  test("is made only while somebody wants it, and begins anew with a keyframe", async () => {
    const { frames, capture } = await watch("test:160x120@120", ["jpeg"], (got, camera) => {
      if (got.length === 10) expect(camera.counters.encoded).toBe(10);
      if (got.length === 10) camera.want(new Set(["h264"]));
      if (got.length === 20) camera.want(new Set(["jpeg"]));
      if (got.length === 30) camera.want(new Set(["jpeg", "h264"]));
      return got.length < 50;
    });
    const run = (from: number, to: number): string[] => [
      ...new Set(frames.slice(from, to).map(({ track }) => track)),
    ];
    expect([run(0, 10), run(10, 20), run(20, 30)]).toEqual([["jpeg"], ["h264"], ["jpeg"]]);
    expect(run(30, 50).sort()).toEqual(["h264", "jpeg"]);
    expect(frames.slice(30).find(({ track }) => track === "h264")?.keyframe).toBe(true);
    expect(frames[10]?.keyframe).toBe(true);
    expect(capture.counters.broken).toBe(0);
  });

  test("is made of what a camera gives as JPEG, which passes through untouched", async () => {
    const { frames: pictures } = await watch("test:320x180@240", ["jpeg"], until(12));
    await concatenate(path("camera.mjpeg"), payloads(pictures, "jpeg"));
    const { frames, tracks, capture } = await watch(
      `${path("camera.mjpeg")}`,
      ["jpeg", "h264"],
      (got) => got.length < 24,
    );
    const taken = new Set(
      payloads(pictures, "jpeg").map((payload) => Buffer.from(payload).toString("base64")),
    );
    expect(
      payloads(frames, "jpeg").every((payload) => taken.has(Buffer.from(payload).toString("base64"))),
    ).toBe(true);
    const counters = await readCounters(payloads(frames, "h264"), "h264");
    expect(counters).toHaveLength(payloads(frames, "h264").length);
    expect(counters.every((value) => value < 12)).toBe(true);
    expect(tracks.map(({ name }) => name)).toEqual(["jpeg", "h264", "jpeg-135p"]);
    expect(capture.counters.decoded).toBeGreaterThan(0);
  });

  test("has even sides", async () => {
    const { frames, capture } = await watch("test:161x99@120", ["h264"], until(3));
    expect(capture.tracks[1]).toMatchObject({ width: 160, height: 98 });
    expect(await readPictures(payloads(frames, "h264"), "h264")).toHaveLength(3);
  });

  test("comes from the encoder that was asked for, or says that it does not work", async () => {
    const trials = await probeEncoders();
    expect(trials.at(-1)).toEqual({ name: "x264", works: true, reason: "" });
    for (const { name, works, reason } of trials) {
      expect(reason === "").toBe(works);
      const frames = watch("test:640x368@30", ["h264"], until(1), { encoder: name });
      if (works) expect((await frames).frames[0]?.keyframe).toBe(true);
      else await expect(frames).rejects.toThrow(`the encoder ${name} does not work here`);
    }
  });
});

describe("a source of H.264", () => {
  test("passes through: nothing is decoded or encoded", async () => {
    const { frames, tracks, capture } = await watch(path("plain.mp4"), ["h264"], until(30));
    expect(tracks.map(({ name }) => name)).toEqual(["h264", "jpeg", "jpeg-135p"]);
    expect(tracks[0]).toMatchObject({ codec: "avc1.42C00C", width: 320, height: 180, rate: 25 });
    expect(keys(frames)).toEqual([0, 10, 20]);
    for (const start of keys(frames)) {
      expect(unitTypes(frames[start]?.payload)).toEqual(expect.arrayContaining([7, 8, 5]));
      const counters = await readCounters(payloads(frames.slice(start), "h264"), "h264");
      expect(counters).toEqual(upTo(30).slice(start));
    }
    expect(capture.counters).toEqual({ overwritten: 0, broken: 0, decoded: 0, encoded: 0 });
  });

  test("with B-frames comes in the order of decoding, and its times never go back", async () => {
    const { frames } = await watch(path("bframes.mkv"), ["h264"], until(30));
    const times = frames.map(({ capturedAt }) => capturedAt);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(frames.some(({ discardable }) => discardable)).toBe(true);
    expect(await readCounters(payloads(frames, "h264"), "h264")).toEqual(upTo(30));
    // Without those that nobody needs, all others are as they were.
    const needed = frames.filter(({ discardable }) => !discardable);
    const rest = await readCounters(payloads(needed, "h264"), "h264");
    expect(rest).toHaveLength(needed.length);
  });

  test("gives a JPEG of now in the middle of a GOP, and is decoded only for it", async () => {
    const { frames, capture } = await watch(path("long.mp4"), ["h264"], (got, camera) => {
      if (got.length === 60) {
        expect(camera.counters.decoded).toBe(0);
        camera.want(new Set(["h264", "jpeg"]));
      }
      return got.filter(({ track }) => track === "jpeg").length < 3;
    });
    // A machine that is busy may show an older one first, and never says that it is newer than it is.
    const jpegs = frames.filter(({ track }) => track === "jpeg");
    const counts = await readCounters(payloads(frames, "jpeg"), "mjpeg");
    const videos = frames.filter(({ track }) => track === "h264");
    expect(jpegs.map(({ capturedAt }) => capturedAt)).toEqual(counts.map((n) => videos[n]?.capturedAt));
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(videos.length - 1 - counts.at(-1)!).toBeLessThanOrEqual(4);
    expect(counts.at(-1)).toBeGreaterThan(55);
    expect(capture.counters.encoded).toBeGreaterThan(0);
  });

  test("gives who comes late the GOP from its keyframe", async () => {
    const { frames } = await watch(path("long.mp4"), ["jpeg"], (got, camera) => {
      if (got.length === 15) camera.want(new Set(["h264"]));
      return payloads(got, "h264").length < 25;
    });
    const counters = await readCounters(payloads(frames, "h264"), "h264");
    expect(counters).toEqual(upTo(25));
  });

  test.each([
    ["passed through", {}],
    ["encoded", { rate: 20 }],
  ])("may change its size, %s", async (_how, options) => {
    const seen: string[] = [];
    const { frames } = await watch(
      path("sizes.h264"),
      ["h264", "jpeg"],
      (got, camera) => {
        if (got.at(-1)?.track === "h264" && got.at(-1)?.keyframe === true) {
          const info = camera.tracks.find(({ name }) => name === "h264");
          seen.push(`${info?.width}x${info?.height}`);
        }
        return seen.length < 3;
      },
      options,
    );
    expect(seen).toEqual(["320x180", "160x90", "320x180"]);
    const h264 = frames.filter(({ track }) => track === "h264");
    const [, second = 0, third = 0] = keys(h264);
    const sizes = async (from: number, to: number): Promise<number[]> => [
      ...new Set(
        (await readPictures(payloads(h264.slice(from, to), "h264"), "h264")).map(({ width }) => width),
      ),
    ];
    expect([await sizes(0, second), await sizes(second, third)]).toEqual([[320], [160]]);
  });

  test("is encoded where another size is wanted", async () => {
    const options = { size: { width: 160, height: 90 } };
    const { frames, capture } = await watch(path("plain.mp4"), ["h264"], until(5), options);
    expect(capture.counters.encoded).toBeGreaterThanOrEqual(5);
    expect((await readPictures(payloads(frames, "h264"), "h264"))[0]?.width).toBe(160);
  });
});

test.each([
  [
    "h265",
    "libx265",
    "clip.mp4",
    { preset: "ultrafast", "x265-params": "log-level=none" },
    /^hev1\.\d\.[0-9A-F]+\.L\d+/,
    "hevc",
  ],
  [
    "vp9",
    "libvpx-vp9",
    "clip.webm",
    { deadline: "realtime", "cpu-used": "8" },
    /^vp09\.00\.\d\d\.08/,
    undefined,
  ],
  ["av1", "libsvtav1", "clip.mkv", { preset: "12" }, /^av01\.0\.\d\d[MH]\.08/, undefined],
])(
  "a source of %s passes through, with h264 beside it",
  async (name, encoder, file, options, codec, format) => {
    await clip(file, { encoder, options });
    const { frames, tracks, capture } = await watch(path(file), [name], until(15));
    expect(tracks.map((track) => track.name)).toEqual([name, "jpeg", "h264", "jpeg-135p"]);
    expect(tracks[0]?.codec).toMatch(codec);
    expect(frames[0]?.keyframe).toBe(true);
    expect(capture.counters.encoded).toBe(0);
    if (format !== undefined) expect(await readCounters(payloads(frames, name), format)).toEqual(upTo(15));
    const encoded = await watch(path(file), ["h264"], until(5));
    expect(await readPictures(payloads(encoded.frames, "h264"), "h264")).toHaveLength(5);
  },
);
