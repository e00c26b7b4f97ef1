import { SourceError } from "../frame-source.ts";
import type { Engine } from "./engine.ts";
import type { EngineName } from "./engine-name.ts";

/** Which engine to work with. */
export interface EngineChoice {
  /** Default: `auto`, the first of `node-av` and `ffmpeg` that is here. */
  readonly name?: EngineName | "auto" | undefined;
  /** The path of the `ffmpeg` command. Default: the one on the PATH. */
  readonly command?: string | undefined;
  /** Hears, once, when `auto` has to be content with the second best. */
  readonly say?: ((line: string) => void) | undefined;
}

const loading = new Map<string, Promise<Engine>>();

/**
 * The engine of `choice`, loaded when it is first asked for: it is large, and many sources need none.
 * @throws SourceError naming what was looked for, and how to get it
 */
export function loadEngine(choice: EngineChoice = {}): Promise<Engine> {
  const key = JSON.stringify([choice.name ?? "auto", choice.command]);
  const present = loading.get(key) ?? load(choice);
  loading.set(key, present);
  // What is not there now may be installed before it is asked for again.
  present.catch(() => loading.delete(key));
  return present;
}

async function load({ name = "auto", command, say }: EngineChoice): Promise<Engine> {
  if (name === "ffmpeg") return loadCommand(command);
  let missing: string;
  try {
    const { nodeAv } = await import("./node-av/index.ts");
    return nodeAv;
  } catch (error) {
    missing = reasonOf(error);
  }
  if (name === "node-av") throw new SourceError(`node-av cannot be loaded here: ${missing}`);
  const engine = await loadCommand(command, missing);
  say?.(
    `node-av cannot be loaded here (${missing}): video is the business of the command ffmpeg ${engine.version}`,
  );
  return engine;
}

async function loadCommand(command = "ffmpeg", missing?: string): Promise<Engine> {
  const { commandEngine } = await import("./command/engine.ts");
  try {
    return await commandEngine(command);
  } catch (error) {
    const { code, killed, message } = error as NodeJS.ErrnoException & { killed?: boolean };
    const looked = command === "ffmpeg" ? "the command ffmpeg on the PATH" : `the command ${command}`;
    const failed = killed === true ? "it did not answer" : String(code ?? message.split("\n")[0]);
    const why = code === "ENOENT" ? "is not there" : `does not run (${failed})`;
    const other = missing === undefined ? "" : `node-av cannot be loaded (${missing}), and `;
    throw new SourceError(
      `there is nothing here that reads video: ${other}${looked} ${why}; install FFmpeg (apt install ffmpeg, apk add ffmpeg) or say where it is with --ffmpeg`,
    );
  }
}

// What a loader says is long; what it comes to is this.
function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const platform = `${process.platform}-${process.arch}`;
  if (code === "ERR_MODULE_NOT_FOUND") return "it is not installed";
  if (/Could not load the node-av native binding/.test(message)) {
    const detail = /Error: ([^\n]*(?:cannot open|GLIBC|ld-linux|symbol|Error relocating)[^\n]*)/.exec(
      message,
    )?.[1];
    if (detail !== undefined) return `its binary does not run on this ${platform}`;
    return `there is no binary of it for ${platform}`;
  }
  return message.split("\n")[0] ?? "it failed";
}
