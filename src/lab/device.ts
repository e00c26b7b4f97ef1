import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What the library makes a camera of. */
const DEVICE = "/dev/full";

const SOURCE = fileURLToPath(new URL("../../bench/v4l2.c", import.meta.url));

/** A V4L2 camera for programs that read no other; there is no device behind it. */
export interface Device {
  /** Words in front of a program's command. */
  readonly prefix: readonly string[];
  readonly path: string;
}

/**
 * A camera whose every picture is the JPEG `file`, which has a stamp, with a fresh one; `rate` a second. What plays it is a
 * library that the program is started with, compiled into `folder`. Throws where there is no compiler.
 */
export function playDevice(file: string, rate: number, folder: string): Device {
  const library = join(folder, "v4l2.so");
  const args = ["-O2", "-std=gnu11", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl", "-lpthread"];
  try {
    execFileSync(process.env["CC"] ?? "cc", args, { stdio: ["ignore", "ignore", "pipe"] });
  } catch (cause) {
    throw new Error("a V4L2 camera cannot be played here: it needs Linux and a C compiler", { cause });
  }
  const settings = [`LD_PRELOAD=${library}`, `BENCH_CAMERA=${file}`, `BENCH_RATE=${rate}`];
  return { prefix: ["env", ...settings], path: DEVICE };
}
