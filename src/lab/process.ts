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

/** As much of what it complains of is kept, and waited for so long after its end. */
const COMPLAINT_CHARACTERS = 2_000;
const LAST_WORDS_MS = 500;

/** A program of the lab: started by its command, ended when disposed of. */
export class Process implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #helpers: readonly Process[];
  /** Settles when it has ended and all that it said is here. */
  readonly #silent: Promise<unknown>;
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
    this.#silent = new Promise((resolve) => {
      this.#child.once("close", resolve);
    });
  }

  /** Resolves when it listens at this address. */
  async listening(host: string, port: number, signal: AbortSignal): Promise<void> {
    const untilMs = performance.now() + START_TIMEOUT_MS;
    while (!(await accepts(host, port))) {
      await this.check();
      if (performance.now() > untilMs) {
        throw new Error(`${this.#name} does not listen on port ${port}: ${this.#complaint.trim()}`);
      }
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  }

  /** @throws if it or a helper has ended, in the words of the one that did: what is left of them is nothing to measure */
  async check(): Promise<void> {
    const gone = [...this.#helpers, this].find((part) => part.#ended);
    if (gone === undefined) return;
    // A child of its own that lives on may hold its pipes open.
    await Promise.race([gone.#silent, sleep(LAST_WORDS_MS)]);
    throw new Error(`${gone.#name} has ended early: ${gone.#complaint.trim()}`);
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

/** Throws, in a sentence, if anything listens on this port of loopback: under either of the addresses that "localhost" may be. */
export async function refuseTaken(port: number): Promise<void> {
  for (const host of ["127.0.0.1", "::1"]) await freePort(port, host);
}

/** A port that was free a moment ago: `wanted`, or any. Throws, in a sentence, if it is taken. */
export async function freePort(wanted = 0, host = "127.0.0.1"): Promise<number> {
  const server = createServer().listen(wanted, host);
  try {
    await once(server, "listening");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Where there is no such address nobody listens on it.
    if (code === "EADDRNOTAVAIL" || code === "EAFNOSUPPORT") return wanted;
    if (code === "EADDRINUSE") throw new Error(`port ${wanted} is taken: another program listens on it`);
    throw error;
  }
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
