/** One started program: its first line, the lines after it, and its end. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** The core of the server under test, and that of everything else. */
export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const STOP_TIMEOUT_MS = 5_000;
const STDERR_CHARACTERS = 4_000;

export interface ProgramOptions {
  /** The core that it may use, or several (`0,1`), with all that it starts. */
  readonly core: number | string;
  /** Kills it when aborted. */
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** A program on a core of its own. Dispose of it to stop it. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  readonly #name: string;
  #stderr = "";

  constructor(command: string, args: readonly string[], options: ProgramOptions) {
    const pinned = availableParallelism() > 1 ? ["taskset", "-c", String(options.core)] : [];
    const [file = command, ...rest] = [...pinned, command, ...args];
    this.#name = [command, ...args].join(" ");
    this.#child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      signal: options.signal,
      ...(options.env && { env: options.env }),
    });
    this.#child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_CHARACTERS);
    });
    // An error event comes instead of an exit only when the program cannot be started.
    this.#ended = new Promise((resolve) => {
      this.#child.once("exit", () => resolve());
      this.#child.once("error", (error) => {
        this.#stderr += error.message;
        if (this.#child.pid === undefined) resolve();
      });
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** The process id: taskset becomes the program that it starts. */
  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#name} did not start: ${this.#stderr}`);
    return this.#child.pid;
  }

  /** The next line of its stdout. Throws with what it said on stderr when it ends before that. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (!next.done) return next.value;
    await this.#ended;
    throw this.#endedEarly();
  }

  /** Throws, as {@link line} does, when it has ended. */
  check(): void {
    if (!this.#runs()) throw this.#endedEarly();
  }

  /** The port in its next line, an address. */
  async port(): Promise<number> {
    const line = await this.line();
    const port = /^https?:\/\/[^:/]+:(\d+)/.exec(line)?.[1];
    if (port === undefined) throw new Error(`${this.#name} printed "${line}", expected its address`);
    return Number(port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#runs()) {
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      this.#child.kill("SIGTERM");
      await this.#ended;
      clearTimeout(timer);
    }
    if (!this.#child.stdout.destroyed) {
      this.#child.stdout.resume();
      if (!this.#child.stdout.readableEnded) await once(this.#child.stdout, "close");
    }
  }

  #runs(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  #endedEarly(): Error {
    return new Error(`${this.#name} ended early (status ${this.#child.exitCode}): ${this.#stderr.trim()}`);
  }
}
