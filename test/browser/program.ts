import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

/** How long a program may take to say its first line. */
const START_TIMEOUT_MS = 30_000;

/** One of the project's programs, as a user starts it: a process of its own. */
export class Program implements AsyncDisposable {
  /** First line of its standard output. */
  readonly firstLine: string;
  readonly #child: ChildProcess;

  /** Start `hello-websocket` with `args`; resolves when it has said its first line, unless it is one that says none. */
  static async start(args: readonly string[], options: { readonly silent?: boolean } = {}): Promise<Program> {
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_")),
    );
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const program = options.silent === true ? "" : await firstLine(child, args);
    return new Program(child, program);
  }

  private constructor(child: ChildProcess, line: string) {
    this.#child = child;
    this.firstLine = line;
    // A pipe that nobody reads would stop the program once it is full.
    child.stdout?.resume();
    child.stderr?.resume();
  }

  /** End it: `SIGKILL` is the power cut, `SIGTERM` the good night. Resolves when it has ended. */
  async kill(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }

  /** Make it hang, connections and all, or go on. */
  hang(hanging: boolean): void {
    this.#child.kill(hanging ? "SIGSTOP" : "SIGCONT");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill("SIGTERM");
  }
}

async function firstLine(child: ChildProcess, args: readonly string[]): Promise<string> {
  let said = "";
  let complaint = "";
  return new Promise((resolve, reject) => {
    const fail = (how: string): void => reject(new Error(`${args.join(" ")}: ${how}\n${said}${complaint}`));
    const timer = setTimeout(() => fail("said nothing"), START_TIMEOUT_MS);
    child.stderr?.on("data", (chunk) => {
      complaint += String(chunk);
    });
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code) => fail(`ended with ${code}`));
    child.stdout?.on("data", (chunk) => {
      said += String(chunk);
      const end = said.indexOf("\n");
      if (end < 0) return;
      clearTimeout(timer);
      resolve(said.slice(0, end));
    });
  });
}
