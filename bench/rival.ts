/** Programs of others that bring a camera's JPEGs to browsers. The bench installs none of them. */

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isReadable, onPath } from "../src/lab/on-path.ts";
import { program } from "./build.ts";
import { type Picture, picture } from "./picture.ts";
import { Program, SERVER_CORE } from "./program.ts";
import { RATE, type Subject } from "./subject.ts";

/** What v4l2.c makes a camera of. */
const DEVICE = "/dev/full";

const START_TIMEOUT_MS = 10_000;
/** Time between two looks whether it listens. */
const LOOK_EVERY_MS = 50;

/** How a program of somebody else's is called, and what it does with a camera. */
interface Kind {
  readonly name: string;
  /** The command to look for on the path. */
  readonly command: string;
  readonly path: string;
  /** Its words for a V4L2 camera, and where to listen. */
  readonly args: (camera: Picture, port: number, file: string) => readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    name: "mjpg-streamer",
    command: "mjpg_streamer",
    path: "/?action=stream",
    args: ({ width, height }, port, command) => {
      const plugins = resolve(dirname(command), "../lib/mjpg-streamer");
      const input = `${plugins}/input_uvc.so -d ${DEVICE} -r ${width}x${height} -f ${RATE} -n`;
      return ["-i", input, "-o", `${plugins}/output_http.so -p ${port} -l 127.0.0.1`];
    },
  },
  {
    name: "ustreamer",
    command: "ustreamer",
    path: "/stream",
    args: ({ width, height }, port) =>
      [
        `--device ${DEVICE} --resolution ${width}x${height} --desired-fps ${RATE}`,
        // The camera's JPEGs, untouched.
        "--format MJPEG --encoder HW",
        `--host 127.0.0.1 --port ${port} --tcp-nodelay`,
      ].flatMap((words) => words.split(" ")),
  },
];

/** One that is on this machine. */
export interface Rival {
  readonly name: string;
  readonly version: string;
  /** Start it with a camera whose JPEGs have exactly this size. */
  readonly start: (bytes: number, signal: AbortSignal) => Promise<Subject>;
}

/** The rivals that are there, where `NAME=PATH` says or on the path, and the names of those that are not. */
export function findRivals(places: readonly string[]): {
  readonly found: readonly Rival[];
  readonly missing: readonly string[];
} {
  const files = new Map(places.map(place));
  const found: Rival[] = [];
  const missing: string[] = [];
  for (const kind of KINDS) {
    const file = files.get(kind.name) ?? onPath(kind.command);
    if (file === undefined || !isReadable(file)) {
      missing.push(kind.name);
      continue;
    }
    found.push({
      name: kind.name,
      version: versionOf(file),
      start: (bytes, signal) => start(kind, file, bytes, signal),
    });
  }
  return { found, missing };
}

function place(text: string): [name: string, file: string] {
  const at = text.indexOf("=");
  const name = text.slice(0, at);
  const names = KINDS.map((kind) => kind.name);
  if (at > 0 && names.includes(name)) return [name, resolve(text.slice(at + 1))];
  throw new Error(`--rival wants NAME=PATH with a name of ${names.join(", ")}, got "${text}"`);
}

async function start(kind: Kind, file: string, bytes: number, signal: AbortSignal): Promise<Subject> {
  const camera = picture(bytes);
  const port = await freePort();
  const env = {
    ...process.env,
    BENCH_CAMERA: camera.file,
    BENCH_RATE: String(RATE),
    LD_PRELOAD: program("v4l2.so"),
  };
  const server = new Program(file, kind.args(camera, port, file), { core: SERVER_CORE, signal, env });
  try {
    await listening(server, port, signal);
    return {
      port,
      pid: server.pid,
      camera: "",
      track: "",
      path: kind.path,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** What it says of itself, without its name. */
function versionOf(file: string): string {
  const { stdout, stderr } = spawnSync(file, ["--version"], { encoding: "utf8", timeout: START_TIMEOUT_MS });
  const line = `${stdout}\n${stderr}`.trim().split("\n")[0] ?? "";
  const commit = /\b[0-9a-f]{40}\b/.exec(line)?.[0];
  return commit?.slice(0, 7) ?? line;
}

async function listening(server: Program, port: number, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const accepted = await accepts(port);
    // Somebody else may have taken the port meanwhile.
    server.check();
    if (accepted) return;
    if (performance.now() > untilMs) throw new Error(`it does not listen on port ${port}`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

/** A port that was free a moment ago: these programs cannot be asked which one they chose. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}
