import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { childEnvironment } from "./child-environment.ts";
import { type CommandError, complaint } from "./complaint.ts";
import { guard } from "./guard.ts";

/** Lines of a log that are kept: its error is among the last. */
const KEPT_LINES = 40;
/** Characters of a line that are kept. */
const MAX_LINE = 1000;
/** Milliseconds that a child has to end by itself: a camera on the network shall hear that nobody listens any more. */
const LEAVE_MS = 1000;

/** What every run of the command is told: each line of its log with its level, nothing read from a terminal, no progress. Its banner says that it has begun. */
const COMMON = ["-nostdin", "-nostats", "-loglevel", "level+info"];

/** One run of the `ffmpeg` command. It ends with this process. */
export class CommandChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #begun: Promise<void>;
  readonly #ended: Promise<void>;
  #begin: () => void = () => {};
  #running = true;
  #error: CommandError | Error | undefined;
  #rest = "";

  /** Hears every line of the log. */
  onLine: (line: string) => void = () => {};

  /** Runs `file` with `args`, without a shell. `script`: what can be read at `pipe:3`. */
  constructor(file: string, args: readonly string[], script?: string) {
    // In a session of its own: a terminal's Ctrl-C is for the recorder, which then ends it in order.
    this.#child = spawn(file, [...COMMON, ...args], {
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
      env: childEnvironment(),
    });
    const guarded = this.#child.pid === undefined ? undefined : guard(this.#child.pid);
    this.#ended = new Promise<void>((resolve) => {
      // "close": all that it has said is read.
      this.#child.once("close", () => resolve());
      this.#child.once("error", (error) => {
        this.#error = error;
        resolve();
      });
    }).then(() => {
      this.#running = false;
      guarded?.[Symbol.dispose]();
    });
    this.#begun = new Promise<void>((resolve) => {
      this.#begin = resolve;
    });
    void this.#ended.then(() => this.#begin());
    for (const stream of this.#child.stdio) stream?.on("error", () => {});
    const extra = this.#child.stdio[3] as Writable | undefined;
    extra?.end(script);
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#hear(text));
  }

  /** What it writes. */
  get output(): Readable {
    return this.#child.stdout as Readable;
  }

  /** What it reads. */
  get input(): Writable {
    return this.#child.stdin as Writable;
  }

  /** Whether it is there. */
  get running(): boolean {
    return this.#running;
  }

  /** Resolves when it runs, or has ended: to load it takes seconds where the disk is slow. */
  get begun(): Promise<void> {
    return this.#begun;
  }

  /** Resolves when it has ended and all that it has written was read. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Why it has ended, as far as it has said so. */
  get reason(): Error {
    return this.#error ?? complaint(this.#lines);
  }

  /** Whether it has ended because of an error. */
  get failed(): boolean {
    return this.#error !== undefined || (this.#child.exitCode ?? 1) !== 0;
  }

  /** End it now. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Let it end, for which it has {@link LEAVE_MS}. What it writes meanwhile is not read. */
  async leave(): Promise<void> {
    if (!this.#running) return;
    this.output.removeAllListeners("data");
    this.output.resume();
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.kill(), LEAVE_MS);
    await this.#ended;
    clearTimeout(late);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.#ended;
  }

  #hear(text: string): void {
    this.#begin();
    const lines = (this.#rest + text).split(/[\r\n]+/);
    this.#rest = (lines.pop() ?? "").slice(-MAX_LINE);
    for (const line of lines) {
      this.#lines.push(line.slice(0, MAX_LINE));
      if (this.#lines.length > KEPT_LINES) this.#lines.shift();
      this.onLine(line);
    }
  }
}
