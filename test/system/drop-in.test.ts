import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { build } from "../../bench/build.ts";
import { findRivals } from "../../bench/rival.ts";
import { onPath } from "../../src/lab/on-path.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";

const run = promisify(execFile);
const PYTHON = "/usr/bin/python3";
const SIZE = "320x180";
/** How long programs may take under load. */
const WAIT = { timeout: 20_000, interval: 50 };

let program: Program;
let address: string;
beforeAll(async () => {
  program = await Program.start(["--port", "0", "--camera", `front=test:${SIZE}@30`]);
  address = program.firstLine;
});
afterAll(() => program.kill("SIGKILL"));

const STREAMS = ["/?action=stream", "/stream", "/stream?advance_headers=1", "/api/stream.mjpeg?src=front"];
const SNAPSHOTS = ["/?action=snapshot", "/snapshot", "/api/frame.jpeg?src=front"];

describe.skipIf(!has("ffmpeg", "-version"))("ffmpeg", () => {
  test.each(STREAMS)("decodes %s", async (path) => {
    const args = [
      "-v",
      "error",
      "-f",
      "mpjpeg",
      "-i",
      `${address}${path}`,
      "-frames:v",
      "5",
      "-f",
      "framemd5",
      "-",
    ];
    const { stdout, stderr } = await run("ffmpeg", args);
    const frames = stdout.split("\n").filter((line) => line.startsWith("0,"));
    expect(stderr).toBe("");
    expect(new Set(frames.map((line) => line.split(",").at(-1))).size).toBe(5);
  });

  test.each(SNAPSHOTS)("decodes %s", async (path) => {
    const shown = ["-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0"];
    const { stdout } = await run("ffprobe", ["-v", "error", ...shown, `${address}${path}`]);
    expect(stdout.trim()).toBe(`mjpeg,${SIZE.replace("x", ",")}`);
  });
});

describe.skipIf(!has(PYTHON, "-c", "import cv2"))("OpenCV", () => {
  test.each(STREAMS)("reads %s", async (path) => {
    const script = `
import cv2, sys
capture = cv2.VideoCapture(sys.argv[1])
shapes = {capture.read()[1].shape for _ in range(5)}
print(shapes)`;
    const { stdout } = await run(PYTHON, ["-c", script, `${address}${path}`]);
    expect(stdout.trim()).toBe("{(180, 320, 3)}");
  });
});

describe.skipIf(!has("curl", "--version"))("curl", () => {
  // As OctoPrint takes the pictures of a timelapse: fail on any error, follow redirects, keep the body.
  test.each(SNAPSHOTS)("gets a whole JPEG from %s", async (path) => {
    const args = ["-fsSL", "--max-time", "20", `${address}${path}`];
    const { stdout } = await run("curl", args, { encoding: "buffer", maxBuffer: 1e7 });
    expect(stdout.subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(stdout.subarray(-2).toString("hex")).toBe("ffd9");
  });

  test("finds its own stream in /state by the key that it gave", async () => {
    const reader = spawn("curl", ["-sN", "-o", "/dev/null", `${address}/stream?key=mine`]);
    try {
      await vi.waitFor(async () => {
        const { stdout } = await run("curl", ["-fsS", `${address}/state`]);
        const { result } = JSON.parse(stdout);
        expect(result.source).toMatchObject({ online: true, resolution: { width: 320, height: 180 } });
        const mine = Object.values(result.stream.clients_stat).find(
          (one) => (one as { key: string }).key === "mine",
        );
        expect((mine as { fps: number } | undefined)?.fps).toBeGreaterThan(0);
        expect(result.source.captured_fps).toBeGreaterThan(0);
      }, WAIT);
    } finally {
      reader.kill();
      await once(reader, "exit");
    }
  });
});

// Side by side with the streamers themselves, where they are installed: on the path, or where RIVALS says (NAME=PATH,NAME=PATH).
const rivals = findRivals(
  (process.env["RIVALS"] ?? "").split(",").filter((place) => place.includes("=")),
).found;
const GO2RTC = process.env["GO2RTC"] ?? onPath("go2rtc");

/** What of an answer its readers rely on. Times and lengths are blanked, and what only we add is left out. */
interface Answer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
const RELIED_ON = ["content-type", "cache-control", "pragma", "expires"];

const ask = async (url: string): Promise<Answer> => {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  response.on("error", () => {});
  const text = (): string => Buffer.concat(chunks).toString("latin1");
  const boundary = /boundary=(.+)/.exec(response.headers["content-type"] ?? "")?.[1];
  if (boundary === undefined) await once(response, "end");
  else await eventually(() => expect(text().split(`--${boundary}\r\n`).length).toBeGreaterThan(3), 20_000);
  response.destroy();
  const headers = Object.fromEntries(RELIED_ON.map((name) => [name, response.headers[name]?.toString()]));
  return {
    status: response.statusCode,
    headers,
    body: boundary === undefined ? "" : parts(text(), boundary),
  };
};
/** Two parts, up to the boundary behind them; pictures, times and lengths blanked. */
const parts = (text: string, boundary: string): string =>
  text
    .replaceAll(/\xff\xd8[^]*?\xff\xd9(?=\r\n--)/g, "JPEG")
    .replaceAll(/(Content-Length|X-Timestamp|X-UStreamer-[\w-]+): \S+/g, "$1: …")
    .split(`--${boundary}\r\n`)
    .slice(0, 3)
    .join(`--${boundary}\r\n`);

const SAME: Record<string, readonly string[]> = {
  "mjpg-streamer": ["/?action=stream", "/?action=stream_0", "/?action=snapshot"],
  ustreamer: ["/stream", "/stream?advance_headers=1", "/stream?zero_data=1", "/snapshot", "/?action=stream"],
};

describe.each(rivals)("beside $name", ({ name, start }) => {
  test.each(SAME[name] ?? [])("%s is the same", async (path) => {
    build();
    const controller = new AbortController();
    await using rival = await start(5000, controller.signal);
    // It listens before it has a picture.
    const theirs = await ask(`http://127.0.0.1:${rival.port}${path}`);
    const own = path.startsWith("/?") && name === "ustreamer" ? path.replace("/?action=", "/") : path;
    expect(await ask(`${address}${own}`)).toEqual(theirs);
  });
});

describe.skipIf(GO2RTC === undefined)("beside go2rtc", () => {
  test.each(["/api/frame.jpeg?src=front", "/api/stream.mjpeg?src=front", "/api/frame.jpeg?src=none"])(
    "%s is the same",
    async (path) => {
      const port = 20_000 + Math.floor(Math.random() * 10_000);
      const off = { listen: "" };
      const config = {
        api: { listen: `127.0.0.1:${port}` },
        rtsp: off,
        webrtc: off,
        streams: { front: `${address}/stream` },
      };
      const rival = spawn(GO2RTC ?? "", ["-config", JSON.stringify(config)], { stdio: "ignore" });
      try {
        await vi.waitFor(
          async () => expect((await fetch(`http://127.0.0.1:${port}/api`)).status).toBe(200),
          WAIT,
        );
        expect(await ask(`${address}${path}`)).toEqual(await ask(`http://127.0.0.1:${port}${path}`));
      } finally {
        rival.kill();
        await once(rival, "exit");
      }
    },
  );
});
