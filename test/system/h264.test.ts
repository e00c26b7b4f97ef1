import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Frame, TrackInfo } from "../../src/protocol/index.ts";
import { concatenate, readCounters, readPictures, writeClip } from "../support/clip.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";

const PATIENCE_MS = 20_000;

let folder: string;
const programs: Program[] = [];
const viewers: TestViewer[] = [];

const X264 = { encoder: "libx264", options: { preset: "medium" }, width: 320, height: 180 };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-h264-"));
  const clip = { ...X264, frames: 25, gop: 25 };
  await writeClip(join(folder, "bframes.mp4"), { ...clip, bFrames: 2 });
  await writeClip(join(folder, "large.h264"), clip);
  await writeClip(join(folder, "small.h264"), { ...clip, width: 160, height: 90 });
  const parts = ["large.h264", "small.h264"].map((name) => readFile(join(folder, name)));
  await concatenate(join(folder, "sizes.h264"), await Promise.all(parts));
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
});

async function up(...sources: string[]): Promise<Program> {
  const cameras = sources.flatMap((source) => ["--camera", source]);
  const program = new Program(["up", "--port", "0", ...cameras]);
  programs.push(program);
  await program.says(/http:\S+\n/);
  return program;
}

/** A viewer that takes every frame as fast as it comes. */
async function watch(program: Program, camera: string, track = "h264"): Promise<TestViewer> {
  const viewer = await TestViewer.open(`${program.firstLine.replace("http", "ws")}/ws`);
  viewers.push(viewer);
  viewer.socket.on("message", (_, isBinary: boolean) => {
    if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 32);
  });
  viewer.tell({ type: "list" });
  viewer.tell({ type: "watch", camera, track, window: 32 });
  return viewer;
}

const receives = (viewer: TestViewer, count: number): Promise<void> =>
  eventually(() => expect(viewer.binaries.length).toBeGreaterThanOrEqual(count), PATIENCE_MS);
const payloads = (frames: readonly Frame.Frame[]): Uint8Array[] => frames.map(({ payload }) => payload);
const keyframes = (frames: readonly Frame.Frame[]): number[] =>
  frames.flatMap(({ keyframe }, index) => (keyframe ? [index] : []));
/** What was said of a track, each time. */
function infos(viewer: TestViewer, track: string): TrackInfo[] {
  const all = viewer.messages.flatMap((message) => {
    if (message.type === "cameras") return message.cameras;
    return message.type === "camera" ? [message.camera] : [];
  });
  return all.flatMap(({ tracks }) => tracks.filter(({ name }) => name === track));
}

test("a camera gives h264 beside jpeg, which decodes from its start and from every keyframe", async () => {
  const program = await up("test=test:320x180@30");
  const viewer = await watch(program, "test");
  await receives(viewer, 20);
  // Many wishes are one.
  for (let i = 0; i < 10; i++) viewer.tell({ type: "keyframe", camera: "test", track: "h264" });
  await eventually(() => expect(keyframes(viewer.frames)).toHaveLength(2), PATIENCE_MS);
  await receives(viewer, viewer.binaries.length + 40);
  const { frames } = viewer;
  expect(keyframes(frames)).toHaveLength(2);
  const counters = await readCounters(payloads(frames), "h264");
  expect(counters).toHaveLength(frames.length);
  expect(new Set(counters).size).toBe(counters.length);
  const from = keyframes(frames)[1]!;
  expect(await readCounters(payloads(frames.slice(from)), "h264")).toEqual(counters.slice(from));
  expect(infos(viewer, "h264").at(-1)).toMatchObject({ codec: "avc1.64001E", width: 320, height: 180 });
});

test.each(["h264", "h264-180p"])(
  "%s is encoded once for all who watch, and who comes late starts with the present GOP",
  async (track) => {
    const program = await up("test=test:320x240@30");
    const first = await watch(program, "test", track);
    await receives(first, 20);
    const second = await watch(program, "test", track);
    await receives(second, 20);
    expect(second.frames[0]?.keyframe).toBe(true);
    const known = new Map(first.frames.map(({ sequence, payload }) => [sequence, payload]));
    const shared = second.frames.filter(({ sequence }) => known.has(sequence));
    expect(shared.length).toBeGreaterThan(5);
    for (const { sequence, payload } of shared) expect(payload).toEqual(known.get(sequence));
  },
);

test("a file with B-frames passes through bit for bit", async () => {
  const program = await up(`clip=file:${join(folder, "bframes.mp4")}`);
  const viewer = await watch(program, "clip");
  await eventually(() => expect(keyframes(viewer.frames).length).toBeGreaterThanOrEqual(3), PATIENCE_MS);
  const [, from = 0, to = 0] = keyframes(viewer.frames);
  const counters = await readCounters(payloads(viewer.frames.slice(from, to)), "h264");
  expect(counters).toEqual(Array.from({ length: 25 }, (_, index) => index));
  const times = viewer.frames.map(({ capturedAt }) => capturedAt);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});

test("a source whose size changes goes on, and says what it is now", async () => {
  const program = await up(`clip=file:${join(folder, "sizes.h264")}`);
  const viewer = await watch(program, "clip");
  await eventually(() => expect(keyframes(viewer.frames).length).toBeGreaterThanOrEqual(5), PATIENCE_MS);
  // Whole GOPs: who comes in the middle of one gets its beginning again.
  const cuts = keyframes(viewer.frames).slice(-4);
  const widths: (number | undefined)[] = [];
  for (const [index, from] of cuts.slice(0, 3).entries()) {
    const pictures = await readPictures(payloads(viewer.frames.slice(from, cuts[index + 1])), "h264");
    expect(new Set(pictures.map(({ width }) => width)).size).toBe(1);
    widths.push(pictures[0]?.width);
  }
  expect(new Set(widths)).toEqual(new Set([160, 320]));
  expect(widths[0]).toBe(widths[2]);
  const said = new Set(
    infos(viewer, "h264").map(({ codec, width, height }) => `${codec} ${width}x${height}`),
  );
  expect(said).toEqual(new Set(["avc1.64000B 160x90", "avc1.64000C 320x180"]));
});
