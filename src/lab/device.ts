import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the library makes a camera of. */
const DEVICE = "/dev/full";

const SOURCE = fileURLToPath(new URL("../../bench/v4l2.c", import.meta.url));

/** As much of what a compiler says is passed on. */
const COMPLAINT_CHARACTERS = 500;

/** A V4L2 camera for programs that read no other; there is no device behind it. */
export interface Device {
  /** Words in front of a program's command. */
  readonly prefix: readonly string[];
  readonly path: string;
}

/**
 * A camera whose every picture is the JPEG `file`, which has a stamp, with a fresh one; `rate` a second. What plays it is a
 * library that the program is started with, compiled into `folder`. Throws where that cannot be, with the compiler's own words.
 */
export function playDevice(file: string, rate: number, folder: string): Device {
  const library = join(folder, "v4l2.so");
  const failure = process.platform === "linux" ? compile(library) : "it needs Linux";
  if (failure !== undefined) throw new Error(`a V4L2 camera cannot be played here: ${failure}`);
  const settings = [`LD_PRELOAD=${library}`, `BENCH_CAMERA=${file}`, `BENCH_RATE=${rate}`];
  return { prefix: ["env", ...settings], path: DEVICE };
}

/** Why that did not work, if so. */
function compile(library: string): string | undefined {
  const compiler = process.env["CC"] || "cc";
  const args = ["-O2", "-std=gnu11", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"];
  const { error, status, stderr } = spawnSync(compiler, args, { encoding: "utf8" });
  if (error !== undefined) return `it needs a C compiler, and ${compiler} does not run: ${error.message}`;
  if (status === 0) return undefined;
  return `${compiler} says: ${stderr.trim().slice(0, COMPLAINT_CHARACTERS) || `status ${status}`}`;
}
