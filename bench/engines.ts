/** What the `ffmpeg` command costs as the engine of a recorder, beside node-av: processor time of a frame, and its age. */

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { micros } from "../src/protocol/index.ts";
import { nutFrame, nutHeader } from "../src/recorder/engine/command/nut-writer.ts";
import { nodeAv } from "../src/recorder/engine/node-av/index.ts";
import { createSource, type EngineName } from "../src/recorder/index.ts";
import { TestPicture } from "../src/recorder/test-picture.ts";
import { writeClip } from "../test/support/clip.ts";
import { cpuSeconds } from "./process-tree.ts";
import { save, table } from "./report.ts";

const SIZE = { width: 1280, height: 720 };
const RATE = 25;
const WARM_UP_MS = 2500;

/** What one recorder was seen to do. */
interface Seen {
  /** Frames per second, of all tracks. */
  readonly rate: number;
  /** Of all its processes, for each frame. */
  readonly cpuMs: number;
  /** From capture until the frame is there. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** From opening to the first frame. */
  readonly firstMs: number;
}

const CASES: Readonly<Record<string, { readonly source: string; readonly tracks: readonly string[] }>> = {
  "test picture, JPEG": { source: "test:1280x720@25", tracks: ["jpeg"] },
  "test picture, H.264": { source: "test:1280x720@25", tracks: ["h264"] },
  "test picture, four tracks": {
    source: "test:1280x720@25",
    tracks: ["jpeg", "h264", "h264-540p", "h264-270p"],
  },
  "H.264 stream, passed through": { source: "h264", tracks: ["h264"] },
  "H.264 stream, JPEG made of it": { source: "h264", tracks: ["jpeg"] },
  "JPEG stream, passed through": { source: "mjpeg", tracks: ["jpeg"] },
  "JPEG stream, H.264 made of it": { source: "mjpeg", tracks: ["h264"] },
};

function percentile(values: readonly number[], part: number): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length * part)] ?? Number.NaN;
}

/** In a process of its own: record `source` with an engine, and tell what was seen. */
async function watch(
  engine: EngineName,
  source: string,
  tracks: readonly string[],
  seconds: number,
): Promise<Seen> {
  const stopping = new AbortController();
  const beganMs = performance.now();
  await using capture = await createSource(source, { engine: { name: engine }, encoder: "x264" }).open(
    stopping.signal,
  );
  capture.want(new Set(tracks));
  const ages: number[] = [];
  let [firstMs, from, cpu] = [0, 0, 0];
  for await (const frame of capture.frames(stopping.signal)) {
    const now = performance.now();
    firstMs ||= now - beganMs;
    if (from === 0 && now - beganMs > WARM_UP_MS) {
      from = now;
      cpu = cpuSeconds(process.pid);
    }
    if (from > 0) ages.push(Date.now() - frame.capturedAt / 1000);
    if (from > 0 && now - from > seconds * 1000) break;
  }
  const spent = performance.now() - from;
  const cpuMs = ((cpuSeconds(process.pid) - cpu) * 1000) / ages.length;
  stopping.abort();
  return {
    rate: (ages.length * 1000) / spent,
    cpuMs,
    p50Ms: percentile(ages, 0.5),
    p99Ms: percentile(ages, 0.99),
    firstMs,
  };
}

/** A stream that is sent over and over. */
interface Stream {
  readonly tag: string;
  readonly parameters: Uint8Array;
  readonly packets: readonly { readonly bytes: Uint8Array; readonly keyframe: boolean }[];
}

/** The packets of a file. */
async function packetsOf(path: string): Promise<Stream> {
  await using input = await nodeAv.openInput(`file:${path}`, { patient: true }, new AbortController().signal);
  const packets: { bytes: Uint8Array; keyframe: boolean }[] = [];
  for (let packet = await input.read(); packet !== undefined; packet = await input.read()) {
    packets.push({ bytes: packet.copy(), keyframe: packet.keyframe });
  }
  return { tag: "H264", parameters: input.video.parameters ?? new Uint8Array(0), packets };
}

/** JPEGs of the test picture. */
async function jpegs(count: number): Promise<Stream> {
  using like = nodeAv.blank(SIZE);
  await using encoder = await nodeAv.openJpegEncoder({ like, size: SIZE }, 80);
  const picture = new TestPicture(SIZE, RATE, like.planes);
  const packets: { bytes: Uint8Array; keyframe: boolean }[] = [];
  for (let nth = 0; nth < count; nth++) {
    picture.draw(micros(nth * 40_000), nth);
    packets.push({ bytes: await encoder.encode(like), keyframe: true });
  }
  return { tag: "MJPG", parameters: new Uint8Array(0), packets };
}

/** Serves a stream at its rate, in NUT over TCP; its URL. */
async function serve({ tag, parameters, packets }: Stream): Promise<{ url: string; close: () => void }> {
  const server = createServer((socket) => {
    socket.setNoDelay(true).on("error", () => {});
    socket.write(nutHeader({ tag: Buffer.from(tag), ...SIZE, delay: 0, parameters }));
    const startMs = performance.now();
    let count = 0;
    const timer = setInterval(() => {
      for (; count < ((performance.now() - startMs) / 1000) * RATE; count++) {
        const { bytes, keyframe } = packets[count % packets.length]!;
        socket.write(
          Buffer.concat([nutFrame((count * 1_000_000) / RATE, keyframe, bytes.byteLength), bytes]),
        );
      }
    }, 4);
    socket.on("close", () => clearInterval(timer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

/** `npm run bench -- engines`: both, one after the other in each round. */
export async function engines({
  seconds,
  rounds,
}: {
  readonly seconds: number;
  readonly rounds: number;
}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "hello-bench-engines-"));
  const clip = { ...SIZE, frames: 100, gop: 25 };
  await writeClip(join(folder, "clip.mkv"), {
    ...clip,
    encoder: "libx264",
    options: { preset: "superfast" },
  });
  const servers = {
    h264: await serve(await packetsOf(join(folder, "clip.mkv"))),
    mjpeg: await serve(await jpegs(100)),
  };
  const rows: string[][] = [];
  const figures: Record<string, unknown> = {};
  try {
    for (const [name, { source, tracks }] of Object.entries(CASES)) {
      const url = servers[source as "h264" | "mjpeg"]?.url ?? source;
      const seen: Record<EngineName, Seen[]> = { "node-av": [], ffmpeg: [] };
      for (let round = 0; round < rounds; round++) {
        for (const engine of ["node-av", "ffmpeg"] as const) {
          const args = [engine, url, tracks.join(","), String(seconds)];
          const file = fileURLToPath(import.meta.url);
          const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", file, ...args]);
          seen[engine].push(JSON.parse(stdout) as Seen);
        }
      }
      figures[name] = seen;
      const of = (engine: EngineName, key: keyof Seen): number =>
        percentile(
          seen[engine].map((one) => one[key]),
          0.5,
        );
      const both = (key: keyof Seen, digits = 1): string =>
        `${of("node-av", key).toFixed(digits)} / ${of("ffmpeg", key).toFixed(digits)}`;
      rows.push([
        name,
        both("rate"),
        both("cpuMs", 2),
        (of("ffmpeg", "cpuMs") / of("node-av", "cpuMs")).toFixed(1),
        both("p50Ms"),
        both("p99Ms"),
        both("firstMs", 0),
      ]);
    }
  } finally {
    for (const { close } of Object.values(servers)) close();
    await rm(folder, { recursive: true });
  }
  save("engines", figures);
  const columns = ["", "frames/s", "CPU ms/frame", "ratio", "age p50 ms", "age p99 ms", "first frame ms"];
  return table("node-av / the ffmpeg command, 1280x720 at 25/s", columns, rows);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [engine, source, tracks, seconds] = parseArgs({ allowPositionals: true }).positionals as [
    EngineName,
    string,
    string,
    string,
  ];
  process.stdout.write(JSON.stringify(await watch(engine, source, tracks.split(","), Number(seconds))));
  process.exit();
}
