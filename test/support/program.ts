import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** How long a program may take to say what it is waited for. */
const PATIENCE_MS = 30_000;

/** One of the project's programs, as a user starts it: a process of its own. All that it says is kept. */
export class Program implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #state = mkdtempSync(join(tmpdir(), "hello-state-"));
  #stdout = "";
  #stderr = "";

  /** Start `hello-websocket` with `args`. No `HELLO_` variable of this process reaches it but those in `environment`; what it keeps is its own. `command`: another installation of it. */
  constructor(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    command: readonly string[] = [process.execPath, MAIN],
  ) {
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_"));
    const [file = "", ...before] = command;
    this.#child = spawn(file, [...before, ...args], {
      env: { ...Object.fromEntries(clean), HELLO_STATE: this.#state, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.on("data", (chunk) => {
      this.#stdout += String(chunk);
    });
    this.#child.stderr?.on("data", (chunk) => {
      this.#stderr += String(chunk);
    });
  }

  /** Start it and wait for its first line. */
  static async start(
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
    command?: readonly string[],
  ): Promise<Program> {
    const program = new Program(args, environment, command);
    await program.says(/\n/);
    return program;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How many descriptors it has open; Linux only. */
  get descriptors(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** First line of its standard output. */
  get firstLine(): string {
    return this.#stdout.split("\n")[0] ?? "";
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Wait until its output, of both kinds, matches; `patienceMs`: where it has long work in front of that. */
  async says(pattern: RegExp, patienceMs = PATIENCE_MS): Promise<void> {
    await vi.waitFor(
      () => {
        const said = this.#stdout + this.#stderr;
        if (pattern.test(said)) return;
        throw new Error(`${this.ended ? "it ended and " : ""}it never said ${pattern}, but:\n${said}`);
      },
      { timeout: patienceMs, interval: 10 },
    );
  }

  /** Wait for its end: its exit status, or the signal that ended it. */
  async end(): Promise<number | string> {
    if (!this.ended) await once(this.#child, "exit");
    return this.#child.exitCode ?? this.#child.signalCode ?? "no end";
  }

  /** End it: `SIGKILL` is the power cut, `SIGTERM` the good night. Its exit status, or the signal that ended it. */
  async kill(signal: "SIGKILL" | "SIGTERM" | "SIGINT" | "SIGHUP"): Promise<number | string> {
    if (!this.ended) this.#child.kill(signal);
    return this.end();
  }

  /** Make it hang, connections and all, or go on. */
  hang(hanging: boolean): void {
    this.#child.kill(hanging ? "SIGSTOP" : "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGTERM");
    rmSync(this.#state, { recursive: true, force: true });
  }
}
