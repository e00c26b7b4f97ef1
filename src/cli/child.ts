import { type ChildProcess, fork } from "node:child_process";
import { Backoff } from "../flow/index.ts";
import { BEAT, Pulse, type PulseTimes } from "./heartbeat.ts";
import { GIVING_UP } from "./recorder-orders.ts";

/** Delays between starts of a process that ends again and again. */
const RESTART = { firstMs: 100, maxMs: 5000 } as const;

/** A process that has run for so long was well: its next end is a new trouble. */
const WELL_AFTER_MS = 10_000;

/** Milliseconds that a process has to close its camera, or its viewers, when it is told to stop. */
const STOP_TIMEOUT_MS = 1500;

/** What to start, and who hears of it. */
export interface ChildOptions {
  /** Its program. */
  readonly file: string;
  /** Its environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** A process runs: the first one, or one in the place of one that ended. */
  readonly started?: (process: ChildProcess) => void;
  /** It ended, and how; it is started again. Called when the way of its end changes, not every time. */
  readonly ended: (how: string) => void;
  /** When it hangs. */
  readonly pulse?: PulseTimes;
}

/** Keeps one child process running, for ever: one that ends is started again, later each time, and one that hangs is ended. */
export class Child {
  readonly #options: ChildOptions;
  readonly #backoff = new Backoff(RESTART);
  #process: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lastEnd: string | undefined;
  /** It has said so itself, and why. */
  #gaveUp = false;
  #stopping = false;

  /** Starts it at once. */
  constructor(options: ChildOptions) {
    this.#options = options;
    this.#start();
  }

  /** Stop it: politely, then for good. Resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    // Its end of the channel closes: the same sign on every platform, and the same as when this process dies.
    if (child.connected) child.disconnect();
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(limit);
  }

  #start(): void {
    const { file, environment, pulse: times } = this.#options;
    const startedMs = performance.now();
    const child = fork(file, {
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#process = child;
    let hung: string | undefined;
    const pulse = new Pulse((seconds) => {
      hung = `it gave no sign of life for ${seconds} s`;
      child.kill("SIGKILL");
    }, times);
    child.on("message", (message) => {
      if (message === BEAT) pulse.heard();
      else if (message === GIVING_UP) this.#leaving(child);
    });
    const over = (how: string): void => {
      pulse[Symbol.dispose]();
      this.#ended(hung ?? how, startedMs);
    };
    child.once("error", (error) => over(error.message));
    this.#options.started?.(child);
    child.once("exit", (code, signal) => over(signal ?? `exit status ${code}`));
  }

  // It gives up, and a driver may keep it from ending by itself.
  #leaving(child: ChildProcess): void {
    this.#gaveUp = true;
    const limit = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    child.once("exit", () => clearTimeout(limit));
  }

  #ended(how: string, startedMs: number): void {
    if (this.#stopping || this.#process === undefined) return;
    this.#process = undefined;
    if (performance.now() - startedMs > WELL_AFTER_MS) {
      this.#backoff.reset();
      this.#lastEnd = undefined;
    }
    // Ctrl-C reaches the whole group, so a child may obey it before this process has heard of it.
    if (how !== this.#lastEnd && how !== "exit status 0" && !this.#gaveUp) this.#options.ended(how);
    this.#lastEnd = this.#gaveUp ? undefined : how;
    this.#gaveUp = false;
    this.#timer = setTimeout(() => this.#start(), this.#backoff.next());
  }
}
