import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { openChromium } from "../browser/browsers.ts";
import { eventually } from "../support/eventually.ts";
import { has } from "../support/tools.ts";
import { FRAME_MICROS, VideoServer } from "../support/video-server.ts";

const PATIENCE_MS = 30_000;

const hasFfmpeg = has("ffmpeg", "-version") && has("ffprobe", "-version");
const PYTHON = "/usr/bin/python3";
const hasOpenCv = has(PYTHON, "-c", "import cv2");
const hasChromium = [process.env["CHROMIUM"], "chromium", "chromium-browser", "google-chrome"].some(
  (name) => name !== undefined && name !== "" && spawnSync(name, ["--version"]).status === 0,
);
if (!hasChromium && process.env["CI"]) throw new Error("there is no Chromium");

const run = promisify(execFile);
const FORMS = ["stream.mp4", "stream.ts"] as const;

const servers: VideoServer[] = [];
const start = async (...options: Parameters<typeof VideoServer.start>): Promise<VideoServer> => {
  const server = await VideoServer.start(...options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server[Symbol.asyncDispose]();
});

/** One who reads a stream over HTTP and keeps all of it. */
class StreamReader {
  readonly response: IncomingMessage;
  readonly #chunks: Buffer[] = [];
  ended = false;

  private constructor(response: IncomingMessage) {
    this.response = response;
    response.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    response.on("end", () => {
      this.ended = true;
    });
    response.on("error", () => {});
  }

  static async open(url: string): Promise<StreamReader> {
    const [response] = (await once(get(url), "response")) as [IncomingMessage];
    return new StreamReader(response);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

/** The times of the fragments of an MP4 stream, in µs, and whether each begins a GOP. Whole boxes only. */
function fragments(mp4: Buffer): { micros: number; keyframe: boolean }[] {
  const found: { micros: number; keyframe: boolean }[] = [];
  for (
    let at = 0;
    at + 8 <= mp4.length && at + mp4.readUInt32BE(at) <= mp4.length;
    at += mp4.readUInt32BE(at)
  ) {
    if (mp4.toString("latin1", at + 4, at + 8) !== "moof") continue;
    found.push({
      micros: Number(mp4.readBigUInt64BE(at + 64)),
      keyframe: mp4.readUInt32BE(at + 48) === 0x02000000,
    });
  }
  return found;
}

/** The same of a transport stream. */
function accessUnits(ts: Buffer): { micros: number; keyframe: boolean }[] {
  const found: { ticks: number; keyframe: boolean }[] = [];
  for (let at = 0; at + 188 <= ts.length; at += 188) {
    if (ts.readUInt16BE(at + 1) !== 0x4100) continue;
    const time = at + 5 + ts[at + 4]! + 9;
    const middle = ts.readUInt16BE(time + 1) >> 1;
    const ticks = ((ts[time]! >> 1) & 7) * 2 ** 30 + middle * 2 ** 15 + (ts.readUInt16BE(time + 3) >> 1);
    found.push({ ticks, keyframe: (ts[at + 5]! & 0x40) !== 0 });
  }
  const first = found[0]?.ticks ?? 0;
  return found.map(({ ticks, keyframe }) => ({ micros: (ticks - first) / 0.09, keyframe }));
}

type FormName = (typeof FORMS)[number];
const framesOf = (form: FormName, bytes: Buffer): { micros: number; keyframe: boolean }[] =>
  form === "stream.mp4" ? fragments(bytes) : accessUnits(bytes);
const countOf = (form: FormName, bytes: Buffer): number => framesOf(form, bytes).length;

/** All of a stream, which a new run of the recorder ends. */
async function whole(server: VideoServer, reader: StreamReader): Promise<Buffer> {
  server.restartRecorder();
  await eventually(() => expect(reader.ended).toBe(true));
  return reader.bytes;
}

/** Have FFmpeg decode a whole stream: the times of its frames in seconds. Any complaint is a failure. */
async function decode(bytes: Buffer, form: string): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "hello-stream-"));
  try {
    const file = join(folder, form);
    writeFileSync(file, bytes);
    const { stderr } = await run("ffmpeg", ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"]);
    expect(stderr).toBe("");
    const shown = ["-v", "error", "-show_entries", "frame=pts_time", "-of", "json", file];
    const { stdout, stderr: said } = await run("ffprobe", shown);
    expect(said).toBe("");
    const { frames } = JSON.parse(stdout) as { frames: { pts_time: string }[] };
    return frames.map((frame) => Number(frame.pts_time));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function expectRising(times: readonly number[]): void {
  for (let n = 1; n < times.length; n++) expect(times[n]).toBeGreaterThan(times[n - 1]!);
}

describe.each(FORMS)("%s", (form) => {
  const path = `/cameras/door/${form}`;
  const type = form === "stream.mp4" ? "video/mp4" : "video/mp2t";

  test("begins at the newest keyframe, and each frame comes at once", async () => {
    const server = await start();
    server.publish(35);
    const reader = await StreamReader.open(server.url(path));
    expect(reader.response.headers["content-type"]).toBe(type);
    expect(reader.response.headers["cache-control"]).toBe("no-store, no-transform");
    // The second GOP began five frames ago.
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(5));
    expect(server.demand).toEqual(["h264"]);
    for (let n = 6; n <= 12; n++) {
      server.publish();
      await eventually(() => expect(countOf(form, reader.bytes)).toBe(n));
    }
    reader.response.destroy();
    await eventually(() => expect(server.demand).toEqual([]));
  });

  test.skipIf(!hasFfmpeg)("is read by FFmpeg: every frame, no complaint, times that rise", async () => {
    const server = await start();
    server.publish();
    const reader = await StreamReader.open(server.url(path));
    for (let n = 1; n < 150; n++) {
      server.publish();
      await eventually(() => expect(countOf(form, reader.bytes)).toBe(n + 1));
    }
    const times = await decode(await whole(server, reader), form);
    expect(times).toHaveLength(150);
    expectRising(times);
    expect(times.at(-1)! - times[0]!).toBeCloseTo((149 * FRAME_MICROS) / 1e6, 3);
  });

  test.skipIf(!hasFfmpeg)("is played by FFmpeg while it is made", async () => {
    const server = await start();
    server.run();
    const args = ["-v", "error", "-xerror", "-i", server.url(path), "-frames:v", "45", "-f", "framecrc", "-"];
    const { stdout, stderr } = await run("ffmpeg", args);
    expect(stderr).toBe("");
    expect(stdout.split("\n").filter((line) => line.startsWith("0,"))).toHaveLength(45);
  });

  test.skipIf(!hasOpenCv)("is played by OpenCV while it is made", async () => {
    const server = await start();
    server.run();
    const program = [
      "import cv2, sys",
      "video = cv2.VideoCapture(sys.argv[1], cv2.CAP_FFMPEG)",
      "print([picture.shape for got, picture in (video.read() for _ in range(45)) if got].count((180, 320, 3)))",
    ].join("\n");
    const { stdout } = await run(PYTHON, ["-c", program, server.url(path)]);
    expect(stdout.trim()).toBe("45");
  });

  test.skipIf(!hasFfmpeg)("jumps for a reader that was too slow, and stays whole", async () => {
    const server = await start();
    server.publish();
    const reader = await StreamReader.open(server.url(path));
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(1));
    reader.response.pause();
    // A GOP of more than the kernel's buffers hold, and longer than a reader may lag.
    server.publish(29, 1_000_000);
    reader.response.resume();
    await eventually(() => expect(server.wanted).toBe(1));
    for (let n = 0; n < 20; n++) {
      server.publish();
      await eventually(() =>
        expect(framesOf(form, reader.bytes).at(-1)?.micros).toBeCloseTo((30 + n) * FRAME_MICROS, -2),
      );
    }
    const bytes = await whole(server, reader);
    const frames = framesOf(form, bytes);
    const jumps = frames.filter(
      ({ micros }, n) => n > 0 && micros - frames[n - 1]!.micros > 1.5 * FRAME_MICROS,
    );
    expect(jumps).toEqual([{ micros: expect.closeTo(30 * FRAME_MICROS, -2), keyframe: true }]);
    // Of the first 30 some were on their way when the reader fell behind; how many, the kernel's buffers say.
    const times = await decode(bytes, form);
    expect(times).toHaveLength(frames.length);
    expect(frames.length).toBeLessThan(20 + 21);
    expectRising(times);
  });

  test("waits for the first keyframe, and wants one", async () => {
    const server = await start();
    // A recorder whose GOP was cut has deltas that nobody can begin with.
    server.publish(700);
    const opening = StreamReader.open(server.url(path));
    await eventually(() => expect(server.demand).toEqual(["h264"]));
    server.finishGop();
    server.publish(3);
    const reader = await opening;
    await eventually(() => expect(countOf(form, reader.bytes)).toBeGreaterThanOrEqual(3));
  });

  test("leaves out what it has given when the GOP comes again from its beginning", async () => {
    const server = await start();
    server.publish(35);
    const reader = await StreamReader.open(server.url(path));
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(5));
    server.repeat(5);
    server.publish(3);
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(8));
    const bytes = await whole(server, reader);
    const times = framesOf(form, bytes).map(({ micros }) => micros);
    expect(times.map((time) => Math.round(time / FRAME_MICROS))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test("ends when the recorder has restarted", async () => {
    const server = await start();
    server.publish(5);
    const reader = await StreamReader.open(server.url(path));
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(5));
    server.restartRecorder();
    await eventually(() => expect(reader.ended).toBe(true));
    expect(server.demand).toEqual([]);
  });

  test("ends when the camera's clock was set back", async () => {
    const server = await start();
    server.publish(5);
    const reader = await StreamReader.open(server.url(path));
    await eventually(() => expect(countOf(form, reader.bytes)).toBe(5));
    server.setClock(1_600_000_000_000_000);
    server.publish();
    await eventually(() => expect(reader.ended).toBe(true));
    expect(countOf(form, reader.bytes)).toBe(5);
  });

  test("of a camera that is gone is refused with the reason, at once and while waiting", async () => {
    const server = await start();
    const waiting = fetch(server.url(path));
    await eventually(() => expect(server.demand).toEqual(["h264"]));
    server.update({ state: "gone", reason: "it was pulled out" });
    for (const response of [await waiting, await fetch(server.url(path))]) {
      expect(response.status).toBe(503);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await response.json()).toEqual({ error: "it was pulled out" });
    }
    expect(server.demand).toEqual([]);
  });

  test("is refused where there is no such track", async () => {
    const jpegOnly = await start({ camera: { tracks: [{ name: "jpeg", codec: "jpeg" }] } });
    const withBoth = await start();
    for (const url of [
      jpegOnly.url(path),
      withBoth.url(`${path}?track=jpeg`),
      withBoth.url(`${path}?track=h264-360p`),
      withBoth.url(`/cameras/nobody/${form}`),
    ]) {
      const response = await fetch(url);
      expect(response.status).toBe(404);
      expect(((await response.json()) as { error: string }).error).toMatch(/GET \/cameras lists them$/);
    }
  });

  test("is given to nobody without the token", async () => {
    const server = await start({ token: "secret-token" });
    server.publish();
    expect((await fetch(server.url(path))).status).toBe(401);
  });

  test("costs nothing to ask for with HEAD", async () => {
    const server = await start();
    const response = await fetch(server.url(path), { method: "HEAD" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(type);
    expect(server.demand).toEqual([]);
  });
});

describe("a picture of another size", () => {
  test("ends stream.mp4; who connects again gets it", async () => {
    const server = await start();
    server.publish(30);
    const reader = await StreamReader.open(server.url("/cameras/door/stream.mp4"));
    await eventually(() => expect(fragments(reader.bytes)).toHaveLength(30));
    server.play("moving-240x136.h264");
    server.publish(2);
    await eventually(() => expect(reader.ended).toBe(true));
    expect(fragments(reader.bytes)).toHaveLength(30);
    const again = await StreamReader.open(server.url("/cameras/door/stream.mp4"));
    await eventually(() => expect(fragments(again.bytes)).toHaveLength(2));
    expect(again.bytes.includes(Buffer.from("00f000000088", "hex"))).toBe(true);
  });

  test.skipIf(!hasFfmpeg)("goes on in stream.ts", async () => {
    const server = await start();
    server.publish(30);
    const reader = await StreamReader.open(server.url("/cameras/door/stream.ts"));
    server.play("moving-240x136.h264");
    server.publish(12);
    await eventually(() => expect(accessUnits(reader.bytes)).toHaveLength(42));
    expect(await decode(await whole(server, reader), "stream.ts")).toHaveLength(42);
  });
});

test.skipIf(!hasChromium)("stream.mp4 plays in a <video> of Chromium", async () => {
  const server = await start();
  server.run();
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.goto(server.url("/healthz"));
    await page.evaluate(async (src) => {
      const video = document.createElement("video");
      video.muted = true;
      video.src = src;
      document.body.append(video);
      await video.play();
    }, "/cameras/door/stream.mp4");
    const video = (): Promise<{ time: number; frames: number; size: number[]; error: string | undefined }> =>
      page.evaluate(() => {
        const element = document.querySelector("video")!;
        return {
          time: element.currentTime,
          frames: element.getVideoPlaybackQuality().totalVideoFrames,
          size: [element.videoWidth, element.videoHeight],
          error: element.error?.message,
        };
      });
    const patience = { timeout: PATIENCE_MS, interval: 50 };
    const before = await video();
    expect(before.size).toEqual([320, 180]);
    await expect.poll(async () => (await video()).time, patience).toBeGreaterThan(before.time + 1);
    await expect.poll(async () => (await video()).frames, patience).toBeGreaterThan(before.frames + 30);
    expect((await video()).error).toBeUndefined();
  } finally {
    await browser.close();
  }
});
