import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cpuSeconds, members } from "../../bench/process-tree.ts";
import { AnnexB, H264 } from "../../src/codec/index.ts";
import { createSource } from "../../src/recorder/create-source.ts";
import type { SourceFrame } from "../../src/recorder/frame-source.ts";
import { readCounters, writeClip } from "../support/clip.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";
import { has } from "../support/tools.ts";

// Debian's GStreamer is a server of RTSP that knows nothing of FFmpeg; elsewhere than on Debian it may not be here.
const PYTHON = "/usr/bin/python3";
const hasServer = has(
  PYTHON,
  "-c",
  "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; Gst.init(None); " +
    "assert all(map(Gst.ElementFactory.find, ['matroskademux', 'h264parse', 'rtph264pay']))",
);

const SERVER = fileURLToPath(new URL("../support/rtsp-server.py", import.meta.url));
const PATIENCE_MS = 20_000;

let folder: string;
let server: ChildProcess | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-rtsp-"));
  const clip = { encoder: "libx264", options: { preset: "ultrafast" }, width: 1280, height: 720 };
  await writeClip(join(folder, "clip.mkv"), { ...clip, frames: 500, gop: 25 });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  if (server === undefined) return;
  server.kill("SIGKILL");
  await once(server, "exit");
  server = undefined;
});

/** A camera that starts from its beginning; its URL. */
async function camera(): Promise<string> {
  server = spawn(PYTHON, [SERVER, join(folder, "clip.mkv")], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(server.stdout!, "data")) as [Buffer];
  return `rtsp://user:secret@127.0.0.1:${String(line).trim()}/clip`;
}

/** What the recorder of a program has used of the processor, in ms. */
function recorderCpuMs(program: Program): number {
  const recorder = members(program.pid).find(({ name }) => name.startsWith("recorder-main"));
  if (recorder === undefined) throw new Error("there is no recorder");
  return cpuSeconds(recorder.pid) * 1000;
}

/** The pictures of a frame, without what is said around them. */
const slices = (payload: Uint8Array): string[] =>
  AnnexB.split(payload)
    .filter((unit) => H264.isSlice(unit))
    .map((unit) => Buffer.from(unit).toString("base64"));

async function record(source: string, count: number): Promise<{ frames: SourceFrame[]; counters: object }> {
  const stopping = new AbortController();
  await using capture = await createSource(source).open(stopping.signal);
  expect(capture.tracks.map(({ name }) => name)).toEqual([
    "h264",
    "jpeg",
    "h264-540p",
    "h264-270p",
    "h264-180p",
    "jpeg-540p",
    "jpeg-270p",
    "jpeg-135p",
  ]);
  expect(capture.tracks[0]).toMatchObject({ codec: "avc1.42C01F", width: 1280, height: 720 });
  capture.want(new Set(["h264"]));
  const frames: SourceFrame[] = [];
  for await (const frame of capture.frames(stopping.signal)) {
    frames.push(frame);
    if (frames.length === count) stopping.abort();
  }
  return { frames, counters: capture.counters };
}

test.skipIf(!hasServer)("H.264 over RTSP passes through byte for byte, and nothing is decoded", async () => {
  const { frames, counters } = await record(await camera(), 60);
  expect(counters).toMatchObject({ decoded: 0, encoded: 0, broken: 0 });
  expect(frames[0]?.keyframe).toBe(true);
  const { frames: original } = await record(join(folder, "clip.mkv"), 130);
  const known = new Map(original.map(({ payload }, index) => [slices(payload).join(), index]));
  const found = frames.map(({ payload }) => known.get(slices(payload).join()) ?? -1);
  const [first = -1] = found;
  expect(first).toBeGreaterThanOrEqual(0);
  expect(found).toEqual(frames.map((_, index) => first + index));
  const counted = await readCounters(
    frames.map(({ payload }) => payload),
    "h264",
  );
  expect(counted).toEqual(found);
});

test.skipIf(!hasServer || process.platform !== "linux")(
  "a viewer of an RTSP camera costs its recorder no transcoding",
  async () => {
    await using program = await Program.start(["up", "--port", "0", "--camera", `yard=${await camera()}`]);
    const viewer = await TestViewer.open(`${program.firstLine.replace("http", "ws")}/ws`);
    viewer.socket.on("message", (_, isBinary: boolean) => {
      if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 32);
    });
    viewer.tell({ type: "list" });
    viewer.tell({ type: "watch", camera: "yard", track: "h264", window: 32 });
    const receives = (count: number): Promise<void> =>
      eventually(() => expect(viewer.binaries.length).toBeGreaterThanOrEqual(count), PATIENCE_MS);
    await receives(50);
    const before = recorderCpuMs(program);
    const from = viewer.binaries.length;
    await receives(from + 75);
    const perFrameMs = (recorderCpuMs(program) - before) / (viewer.binaries.length - from);
    // To decode and encode one of them takes more than 7 ms.
    expect(perFrameMs).toBeLessThan(3);
    expect(`${program.stdout}${program.stderr}`).not.toContain("secret");
    viewer.close();
  },
);
