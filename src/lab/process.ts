import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Time that a program has to listen, and to end. */
const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 3_000;

/** Time between two looks whether it listens. */
const LOOK_EVERY_MS = 50;

/** As much of what it complains of is kept. */
const COMPLAINT_CHARACTERS = 2_000;

/** A program of the lab: started by its command, ended when disposed of. */
export class Process implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #helpers: readonly Process[];
  #complaint = "";

  /** Start `command`, of its words. It hears nothing of this process's own settings. `helpers` end after it. */
  constructor(command: readonly string[], helpers: readonly Process[] = []) {
    const [file = "", ...args] = command;
    this.#name = command.join(" ");
    this.#helpers = helpers;
    const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_"));
    this.#child = spawn(file, args, {
      env: Object.fromEntries(clean),
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Pipes that nobody reads would stop it once they are full.
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on("data", (chunk) => {
        this.#complaint = (this.#complaint + String(chunk)).slice(-COMPLAINT_CHARACTERS);
      });
    }
    this.#child.on("error", (error) => {
      this.#complaint += error.message;
    });
  }

  /** Resolves when it listens at this address. */
  async listening(host: string, port: number, signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + START_TIMEOUT_MS;
    while (!(await accepts(host, port))) {
      if (this.#ended || performance.now() > untilMs) {
        throw new Error(`${this.#name} does not listen on port ${port}: ${this.#complaint.trim()}`);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#ended) {
      const ended = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      const limit = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(limit);
    }
    await Promise.all(this.#helpers.map((helper) => helper[Symbol.asyncDispose]()));
  }

  get #ended(): boolean {
    const { pid, exitCode, signalCode } = this.#child;
    return pid === undefined || exitCode !== null || signalCode !== null;
  }
}

/** A port that was free a moment ago: `wanted`, or any. Throws if it is taken. */
export async function freePort(wanted = 0): Promise<number> {
  const server = createServer().listen(wanted, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
