/** What is measured: the floor, or our server with the camera in front of it. */

import { formatAddress } from "../src/bus/index.ts";
import { mapperAddress } from "../src/cli/addresses.ts";
import { program } from "./build.ts";
import { picture } from "./picture.ts";
import { LOAD_CORE, Program, SERVER_CORE } from "./program.ts";

/** Frames a second of every camera here. */
export const RATE = 30;

/** Longest life of a program of the bench, whatever happens to the one that started it. */
const LIFETIME_SECONDS = 3600;

/** A running server, on a core of its own. */
export interface Subject extends AsyncDisposable {
  readonly port: number;
  /** The root of its process tree. */
  readonly pid: number;
  /** The camera to watch, and its track. */
  readonly camera: string;
  readonly track: string;
  /** Where it serves that camera as HTTP MJPEG. Absent: it speaks hello.v1. */
  readonly path?: string;
}

/** The floor, making frames of this size. */
export async function floor(bytes: number, signal: AbortSignal): Promise<Subject> {
  const args = ["--bytes", bytes, "--rate", RATE, "--seconds", LIFETIME_SECONDS].map(String);
  const server = new Program(program("floor"), args, { core: SERVER_CORE, signal });
  return subject(server, "bench", []);
}

/** Our server, all of it: supervisor, recorder, mapper and server. */
export async function ours(camera: string, source: string, signal: AbortSignal): Promise<Subject> {
  return subject(up(camera, source, signal), camera, []);
}

/** Our server with many cameras, on all cores. The first of them is the one to watch. */
export async function oursWithMany(
  cameras: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<Subject> {
  const args = [...cameras].flatMap(([id, source]) => ["--camera", `${id}=${source}`]);
  return subject(start(args, signal, EVERYWHERE), [...cameras.keys()][0] ?? "", []);
}

/** How many workers serve, and where all of it runs. */
export interface Place {
  readonly workers: number;
  readonly serverCores: number | string;
  readonly cameraCore: number;
}

const EVERYWHERE: Place = { workers: 1, serverCores: `${SERVER_CORE},${LOAD_CORE}`, cameraCore: LOAD_CORE };

const USUAL: Place = { workers: 1, serverCores: SERVER_CORE, cameraCore: LOAD_CORE };

/** Our server with a network camera that sends JPEGs of exactly this size. The camera itself is not measured. */
export async function oursWithCamera(
  bytes: number,
  signal: AbortSignal,
  place = USUAL,
  options: readonly string[] = [],
): Promise<Subject> {
  const args = ["--file", picture(bytes).file, "--rate", String(RATE), "--seconds", String(LIFETIME_SECONDS)];
  const camera = new Program(program("camera"), args, { core: place.cameraCore, signal });
  const source = `http://127.0.0.1:${await camera.port()}/`;
  return subject(up("bench", source, signal, place, options), "bench", [camera]);
}

/**
 * Our server with a track of deltas, each frame of exactly this size. A program on the local socket publishes it, so no
 * encoder is measured; the one camera of its own is not there.
 */
export async function oursWithDeltas(bytes: number, signal: AbortSignal): Promise<Subject> {
  const server = up("absent", "http://127.0.0.1:9/", signal);
  const port = await server.port();
  const mapper = formatAddress(mapperAddress(`up-${server.pid}`, process.env));
  const args = [
    ...process.execArgv,
    `${import.meta.dirname}/publisher.ts`,
    mapper,
    bytes,
    RATE,
    LIFETIME_SECONDS,
  ];
  const publisher = new Program(process.execPath, args.map(String), { core: LOAD_CORE, signal });
  return subject(server, "bench", [publisher], { port, track: "h264", ready: publisher.line() });
}

function up(
  camera: string,
  source: string,
  signal: AbortSignal,
  place = USUAL,
  options: readonly string[] = [],
): Program {
  return start(["--camera", `${camera}=${source}`, ...options], signal, place);
}

function start(cameras: readonly string[], signal: AbortSignal, place: Place): Program {
  const main = `${import.meta.dirname}/../dist/cli/main.js`;
  const nodeOptions = process.env["BENCH_NODE_OPTIONS"]?.split(" ") ?? [];
  const args = [...nodeOptions, main, "up", "--port", "0", ...cameras];
  if (place.workers > 1) args.push("--workers", String(place.workers));
  // The settings of whoever runs the bench are not part of it.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_")));
  return new Program(process.execPath, args, { core: place.serverCores, signal, env });
}

interface SubjectOptions {
  readonly port?: number;
  readonly track?: string;
  /** Settles when the camera is there. */
  readonly ready?: Promise<unknown>;
}

async function subject(
  server: Program,
  camera: string,
  others: readonly Program[],
  { port, track = "jpeg", ready }: SubjectOptions = {},
): Promise<Subject> {
  const stop = async () => {
    for (const program of [server, ...others]) await program[Symbol.asyncDispose]();
  };
  try {
    await ready;
    return {
      port: port ?? (await server.port()),
      pid: server.pid,
      camera,
      track,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
