import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Device } from "./camera-spec.ts";
import type { Program } from "./program.ts";

/** Milliseconds that the search for cameras may take: a driver may think for long, and nobody waits for it. */
const FIND_TIMEOUT_MS = 30_000;

/**
 * The cameras that are plugged in; `undefined` if they cannot be listed. Found in a process of its own: drivers may crash,
 * and FFmpeg is large.
 */
export async function findDevices({ config, log, file }: Program): Promise<readonly Device[] | undefined> {
  const { name, command } = config.engine;
  const args = [
    ...(name === undefined ? [] : ["--engine", name]),
    ...(command === undefined ? [] : ["--ffmpeg", command]),
  ];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file, "cameras", "--json", ...args], {
      timeout: FIND_TIMEOUT_MS,
    });
    return JSON.parse(stdout) as Device[];
  } catch (error) {
    log.debug(`cameras cannot be listed: ${String(error)}`);
    return undefined;
  }
}
