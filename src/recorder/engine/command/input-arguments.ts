import { redact } from "../../redact.ts";
import type { InputOptions } from "../engine.ts";
import type { Command } from "./command.ts";

/** How the command is told what to open. */
export interface InputArguments {
  /** Up to what names the input, and that. */
  readonly args: readonly string[];
  /** What is read at `pipe:3`, where the input stands there. */
  readonly script?: string | undefined;
}

/** What a list of inputs may name, so that a URL can stand in one. */
const PROTOCOLS =
  "file,pipe,fd,http,https,tls,tcp,udp,udplite,rtp,srtp,rtsp,rtmp,rtmps,rtmpt,rtmpe,rtmpte,rtmpts,srt,unix,crypto,httpproxy,data,hls,mmsh,mmst,ftp,sftp,gopher,ipfs";

/**
 * How the command opens `url`. All are arguments of their own, no shell reads them, and a URL stands where none is taken
 * for an option. Anybody may list the arguments of a process: a URL with a password is told through a pipe.
 */
export function inputArguments(command: Command, url: string, options: InputOptions): InputArguments {
  const own = Object.entries(options.options ?? {}).filter(([name]) => takes(url, name));
  const named = own.map(([name, value]) => [
    name === "timeout" && isRtsp(url) ? command.rtspTimeout : name,
    value,
  ]);
  const format = options.format === undefined ? [] : ["-f", options.format];
  const flags = named.flatMap(([name, value]) => [`-${name}`, `${value}`]);
  if (options.device === true) {
    // Its own stamps, and nothing read ahead: what a driver gives is known.
    return { args: ["-copyts", "-fflags", "nobuffer", ...format, ...flags, "-i", url] };
  }
  if (redact(url) === url) return { args: ["-fflags", "+genpts", ...format, ...flags, "-i", url] };
  // One line: what stands behind a line break would be an instruction of its own.
  const quoted = url.replaceAll(/[\r\n\0]/g, "").replaceAll("'", "'\\''");
  const script = ["ffconcat version 1.0", `file '${quoted}'`];
  for (const [name, value] of named) script.push(`option ${name} ${value}`);
  const list = ["-f", "concat", "-safe", "0", "-protocol_whitelist", PROTOCOLS];
  return { args: ["-fflags", "+genpts", ...list, "-i", "pipe:3"], script: `${script.join("\n")}\n` };
}

function isRtsp(url: string): boolean {
  return /^rtsp/i.test(url);
}

// Other than the libraries, the command refuses an option that nothing in the input knows.
function takes(url: string, name: string): boolean {
  if (name === "stimeout") return false;
  if (name === "rtsp_flags" || name === "timeout") return isRtsp(url);
  if (name === "rw_timeout") return /^(https?|tcp|rtmp\w*|tls):/i.test(url);
  return true;
}
