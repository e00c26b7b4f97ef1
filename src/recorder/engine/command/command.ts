import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** Milliseconds in which the command has to say what it is: it is linked with a hundred libraries, which a slow card reads first. */
const TIMEOUT_MS = 60_000;

/** The `ffmpeg` command of this machine. */
export class Command {
  /** Its path, or its name on the PATH. */
  readonly file: string;
  /** As it calls itself. */
  readonly version: string;

  #encoders: Promise<ReadonlySet<string>> | undefined;

  private constructor(file: string, version: string) {
    this.file = file;
    this.version = version;
  }

  /** @throws Error if there is no such command, or it is another one */
  static async find(file: string): Promise<Command> {
    const { stdout } = await promisify(execFile)(file, ["-hide_banner", "-version"], { timeout: TIMEOUT_MS });
    const version = /^ffmpeg version (\S+)/.exec(stdout)?.[1];
    if (version === undefined) throw new Error(`${file} is not ffmpeg`);
    return new Command(file, version);
  }

  /** The names of the encoders that it was built with. */
  encoders(): Promise<ReadonlySet<string>> {
    this.#encoders ??= promisify(execFile)(this.file, ["-hide_banner", "-encoders"], {
      timeout: TIMEOUT_MS,
    }).then(({ stdout }) => new Set([...stdout.matchAll(/^ V\S+ (\w+) /gm)].map(([, name = ""]) => name)));
    return this.#encoders;
  }

  /** Its release, `5.1` as 5.1; of a build between releases, later than all. */
  get #release(): number {
    return Number(/^n?(\d+\.\d+)/.exec(this.version)?.[1] ?? Number.POSITIVE_INFINITY);
  }

  /** What keeps pictures as they are: none twice, none left out, each with its own time. */
  get passthrough(): readonly string[] {
    // The name of the option before is not known to releases of the future, nor this one to those of the past.
    const mode = this.#release >= 5.1 ? "-fps_mode" : "-vsync";
    return [mode, "passthrough", "-enc_time_base", "1:1000000"];
  }

  /** What a stream by RTSP calls its bound of waiting, in µs. */
  get rtspTimeout(): string {
    return this.#release >= 5 ? "timeout" : "stimeout";
  }
}
