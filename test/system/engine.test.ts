import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { members } from "../../bench/process-tree.ts";
import { AnnexB } from "../../src/codec/index.ts";
import * as Jpeg from "../../src/recorder/jpeg.ts";
import { readCounters, writeClip } from "../support/clip.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";
import { has } from "../support/tools.ts";

const PYTHON = "/usr/bin/python3";
const hasRtsp = has(
  PYTHON,
  "-c",
  "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; Gst.init(None); " +
    "assert all(map(Gst.ElementFactory.find, ['matroskademux', 'h264parse', 'rtph264pay']))",
);
const hasFfmpeg = has("ffmpeg", "-version");
const PATIENCE_MS = 30_000;

const WITHOUT = fileURLToPath(new URL("../support/without-node-av.mjs", import.meta.url));
/** A machine on which node-av was not installed. */
const NOT_INSTALLED = { NODE_OPTIONS: `--import=${WITHOUT}` };
/** A machine for which there is no binary of node-av: its own loader is told to take none but one that was built here. */
const NO_BINARY = { AV_FROM_SOURCE: "1" };

let folder: string;
let cleanUp: (() => unknown)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-engine-"));
  const clip = { encoder: "libx264", options: { preset: "ultrafast" }, width: 640, height: 360 };
  await writeClip(join(folder, "clip.mkv"), { ...clip, frames: 500, gop: 25 });
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(async () => {
  for (const end of cleanUp.splice(0)) await end();
});

/** A viewer that acknowledges all that it is sent of these tracks. */
async function watch(program: Program, camera: string, tracks: readonly string[]): Promise<TestViewer> {
  const viewer = await TestViewer.open(`${program.firstLine.replace("http", "ws")}/ws`);
  cleanUp.push(() => viewer.close());
  viewer.socket.on("message", (_, isBinary: boolean) => {
    if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 32);
  });
  viewer.tell({ type: "list" });
  for (const track of tracks) viewer.tell({ type: "watch", camera, track, window: 32 });
  return viewer;
}

/** The payloads of a viewer's frames, as JPEG and as H.264. */
const pictures = (viewer: TestViewer): Uint8Array[] =>
  viewer.frames.map(({ payload }) => payload).filter((payload) => payload[0] === 0xff);
const units = (viewer: TestViewer): Uint8Array[] =>
  viewer.frames.map(({ payload }) => payload).filter((payload) => payload[0] === 0);
const receives = (
  viewer: TestViewer,
  count: number,
  of: (viewer: TestViewer) => readonly unknown[],
): Promise<void> => eventually(() => expect(of(viewer).length).toBeGreaterThanOrEqual(count), PATIENCE_MS);

/** The runs of the command below a program. */
const runs = (program: Program): number[] =>
  members(program.pid)
    .filter(({ name }) => name.startsWith("ffmpeg"))
    .map(({ pid }) => pid);
const alive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));

async function rtspCamera(): Promise<string> {
  const script = fileURLToPath(new URL("../support/rtsp-server.py", import.meta.url));
  const server: ChildProcess = spawn(PYTHON, [script, join(folder, "clip.mkv")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  cleanUp.push(async () => {
    server.kill("SIGKILL");
    await once(server, "exit");
  });
  const [line] = (await once(server.stdout!, "data")) as [Buffer];
  return `rtsp://user:secret@127.0.0.1:${String(line).trim()}/clip`;
}

/** A camera that serves JPEGs over HTTP; its URL. */
async function httpCamera(): Promise<string> {
  const jpeg = readFileSync(fileURLToPath(new URL("../fixtures/picture.jpg", import.meta.url)));
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=b" });
    const timer = setInterval(() => {
      response.write(`--b\r\ncontent-type: image/jpeg\r\ncontent-length: ${jpeg.byteLength}\r\n\r\n`);
      response.write(jpeg);
      response.write("\r\n");
    }, 50);
    response.on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

describe.skipIf(!hasFfmpeg)("with the ffmpeg command in the place of node-av", () => {
  test.each([
    ["that was not installed", NOT_INSTALLED, /node-av cannot be loaded here \(it is not installed\)/],
    [
      "that has no binary",
      NO_BINARY,
      /node-av cannot be loaded here \(there is no binary of it for \w+-\w+\)/,
    ],
  ])("%s, the test picture reaches a viewer, and it is said once", async (_how, environment, sentence) => {
    await using program = await Program.start(
      ["up", "--port", "0", "--camera", "front=test:640x360"],
      environment,
    );
    const viewer = await watch(program, "front", ["jpeg", "h264"]);
    await receives(viewer, 20, pictures);
    await receives(viewer, 20, units);
    expect(Jpeg.size(pictures(viewer)[5]!)).toEqual({ width: 640, height: 360 });
    const counters = await readCounters(units(viewer), "h264");
    expect(counters).toEqual(counters.map((_, index) => counters[0]! + index));
    expect(program.stderr).toMatch(sentence);
    expect(program.stderr.split("node-av").length).toBe(2);
  });

  test("a file passes through, and pictures are made of it", async () => {
    const source = `yard=file:${join(folder, "clip.mkv")}`;
    await using program = await Program.start(["up", "--port", "0", "--camera", source], NOT_INSTALLED);
    const viewer = await watch(program, "yard", ["h264", "jpeg"]);
    await receives(viewer, 60, units);
    await receives(viewer, 20, pictures);
    expect(AnnexB.split(units(viewer)[0]!).map((unit) => unit[0]! & 31)).toEqual(
      expect.arrayContaining([7, 8, 5]),
    );
  });

  test.skipIf(!hasRtsp || process.platform !== "linux")(
    "a camera by RTSP reaches a viewer, and its password stands in no list of processes",
    async () => {
      const args = ["up", "--port", "0", "--camera", `yard=${await rtspCamera()}`];
      await using program = await Program.start(args, NOT_INSTALLED);
      const viewer = await watch(program, "yard", ["h264", "jpeg"]);
      await receives(viewer, 60, units);
      await receives(viewer, 10, pictures);
      const lines = runs(program).map((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8"));
      expect(lines.length).toBeGreaterThanOrEqual(3);
      expect(lines.join()).not.toContain("secret");
      const variables = runs(program).map((pid) => readFileSync(`/proc/${pid}/environ`, "utf8"));
      expect(variables.join()).not.toContain("secret");
      expect(`${program.stdout}${program.stderr}`).not.toContain("secret");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "no run of it outlives the recorder, even one that waits for ever",
    async () => {
      const clip = readFileSync(join(folder, "clip.mkv"));
      // Gives a second, then nothing, and never ends.
      const silent = createTcpServer((socket) => {
        socket.on("error", () => {});
        socket.write(clip.subarray(0, clip.byteLength / 20));
      }).listen(0, "127.0.0.1");
      await once(silent, "listening");
      cleanUp.push(() => silent.close());
      const { port } = silent.address() as AddressInfo;
      const args = [
        "up",
        "--port",
        "0",
        "--camera",
        `yard=tcp://127.0.0.1:${port}`,
        "--camera",
        "front=test:320x180",
      ];
      await using program = await Program.start(args, NOT_INSTALLED);
      await watch(program, "front", ["jpeg", "h264"]);
      await eventually(() => expect(runs(program).length).toBeGreaterThanOrEqual(3), PATIENCE_MS);
      const known = runs(program);
      const recorders = members(program.pid).filter(({ name }) => name.startsWith("recorder-main"));
      for (const { pid } of recorders) process.kill(pid, "SIGKILL");
      await eventually(() => expect(known.filter(alive)).toEqual([]), PATIENCE_MS);
      // And of those that were started again none outlives the good night.
      await eventually(() => expect(runs(program).length).toBeGreaterThanOrEqual(3), PATIENCE_MS);
      const later = runs(program);
      expect(await program.kill("SIGTERM")).toBe(0);
      await eventually(() => expect(later.filter(alive)).toEqual([]), PATIENCE_MS);
    },
  );

  test("it can be asked for where node-av is there, and doctor says what is used", async () => {
    const asked = new Program(["doctor", "--port", "0", "--engine", "ffmpeg"]);
    expect(await asked.end()).toBe(0);
    expect(asked.stdout).toMatch(/ok {6} FFmpeg \(command\): .*\d/);
    expect(asked.stdout).toMatch(/ok {6} H\.264 encoders: .*x264/);
    const instead = new Program(["doctor", "--port", "0"], NO_BINARY);
    expect(await instead.end()).toBe(0);
    expect(instead.stdout).toMatch(/ok {6} FFmpeg \(command\): .*\d.*; node-av cannot be loaded here/);
  });
});

describe("with neither", () => {
  const NEITHER = { ...NOT_INSTALLED, PATH: "/nowhere" };

  test("one sentence says what was looked for, and a camera that needs none works", async () => {
    const cameras = ["--camera", "front=test:", "--camera", `net=${await httpCamera()}`];
    await using program = await Program.start(["up", "--port", "0", ...cameras], NEITHER);
    const viewer = await watch(program, "net", ["jpeg"]);
    await receives(viewer, 20, pictures);
    await program.says(
      /front: there is nothing here that reads video: node-av cannot be loaded \(it is not installed\), and the command ffmpeg on the PATH is not there; install FFmpeg \(apt install ffmpeg, apk add ffmpeg\) or say where it is with --ffmpeg/,
    );
    const doctor = new Program(["doctor", "--port", "0"], NEITHER);
    expect(await doctor.end()).toBe(1);
    expect(doctor.stdout).toMatch(/MISSING {2}FFmpeg: there is nothing here that reads video/);
  });

  test("one that is forced is not replaced", async () => {
    for (const [args, sentence] of [
      [["--engine", "node-av"], /node-av cannot be loaded here: it is not installed/],
      [["--engine", "ffmpeg", "--ffmpeg", "/nowhere/ffmpeg"], /the command \/nowhere\/ffmpeg is not there/],
    ] as const) {
      await using program = await Program.start(
        ["up", "--port", "0", "--camera", "front=test:", ...args],
        NOT_INSTALLED,
      );
      await program.says(sentence);
    }
    const wrong = new Program(["up", "--engine", "gstreamer"]);
    expect(await wrong.end()).toBe(2);
    expect(wrong.stderr).toMatch(/--engine: "gstreamer" is not right: expected auto, node-av, ffmpeg/);
  });
});
