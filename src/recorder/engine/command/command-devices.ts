import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Mode } from "../../mode.ts";
import { videoNodes } from "../../video-node.ts";
import type { RawDevice } from "../engine.ts";
import { parseListing } from "../format-listing.ts";
import type { Command } from "./command.ts";
import { parseFormats, reckonModes } from "./v4l2-modes.ts";

/** Milliseconds that a device may take to say what it can do. */
const TIMEOUT_MS = 5000;

/** FFmpeg's name for the capture devices of this platform. */
export function deviceFormat(): string {
  return { darwin: "avfoundation", win32: "dshow" }[process.platform as string] ?? "v4l2";
}

/** The capture devices of this machine. */
export async function devices(command: Command): Promise<RawDevice[]> {
  const format = deviceFormat();
  if (format === "v4l2") return videoNodes().map(({ path, name }) => ({ path, name }));
  return parseSources(await said(command.file, ["-hide_banner", "-sources", format]));
}

/** The ways in which the device at `path` gives its picture; none if it cannot be asked. */
export async function modes(command: Command, path: string): Promise<Mode[]> {
  if (deviceFormat() !== "v4l2") return [];
  // It knows the rates too; where it is not installed FFmpeg is asked, which knows only sizes.
  const found = parseFormats(await said("v4l2-ctl", [`--device=${path}`, "--list-formats-ext"]));
  if (found.length > 0) return found;
  const listing = await said(command.file, [
    ..."-hide_banner -nostdin -f v4l2 -list_formats all -i".split(" "),
    path,
  ]);
  return reckonModes(parseListing(listing));
}

/** The devices in what `ffmpeg -sources` says: `* 0x1 [FaceTime HD] (none)`. */
export function parseSources(text: string): RawDevice[] {
  return [...text.matchAll(/^\s*\*?\s*(\S+) \[([^\]]*)\]/gm)].map(([, path = "", name]) => ({
    path,
    name: name || path,
  }));
}

// It ends with an error when all is listed, so what it says is all that counts.
async function said(file: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, { timeout: TIMEOUT_MS });
    return stdout + stderr;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return stdout + stderr;
  }
}
