/** A started program that may be killed, stopped and continued. */

import { spawn } from "node:child_process";
import { once } from "node:events";

const STDERR_CHARACTERS = 4000;
const STOP_TIMEOUT_MS = 5000;

/** See {@link startProgram}. */
export interface Program {
  readonly pid: number;
  /** Its output so far. */
  readonly said: () => string;
  /** Resolves at its first line. */
  line(): Promise<string>;
  /** The port in its first line. */
  port(): Promise<number>;
  signal(name: NodeJS.Signals): void;
  /** End it, and wait for its end. */
  stop(name?: NodeJS.Signals): Promise<void>;
}

/** Start a program without the settings of whoever runs the bench. */
export function startProgram(words: readonly string[], environment: NodeJS.ProcessEnv): Program {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("HELLO_"));
  const [file = "", ...args] = words;
  const child = spawn(file, args, {
    env: { ...Object.fromEntries(clean), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const hear = (text: Buffer): void => {
    output = (output + text.toString()).slice(-STDERR_CHARACTERS);
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  const first = once(child.stdout, "data").then(([text]) => String(text).split("\n")[0] ?? "");
  const ended = once(child, "exit");
  const line = (): Promise<string> =>
    Promise.race([
      first,
      ended.then(() => {
        throw new Error(`${words.slice(-4).join(" ")} ended early: ${output.trim()}`);
      }),
    ]);
  first.catch(() => {});
  return {
    pid: child.pid ?? 0,
    said: () => output,
    line,
    port: async () => Number(/:(\d+)/.exec((await line()).replace(/^https?:\/\/[^:]+/, ""))?.[1] ?? 0),
    signal: (name) => void child.kill(name),
    stop: async (name = "SIGTERM") => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      child.kill(name);
      await ended;
      clearTimeout(timer);
    },
  };
}
