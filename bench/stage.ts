/** Programs of a cluster, each as a user starts it, and viewers that note what they miss. */

import { HelloViewer } from "../src/lab/hello-viewer.ts";
import type { Viewer } from "../src/lab/viewer.ts";
import { type Program, startProgram } from "./started.ts";

const MAIN = `${import.meta.dirname}/../dist/cli/main.js`;

/** Longest life of a camera of the bench. */
const LIFETIME_SECONDS = 3600;

/** What was started, and is stopped at the end, the last one first. */
export class Stage implements AsyncDisposable {
  readonly #ends: (() => unknown)[] = [];

  /** Stop something at the end. */
  defer(end: () => unknown): void {
    this.#ends.push(end);
  }

  /** Start one of our programs; resolves with it at its first line, or at once if it says nothing. */
  async start(mapper: string, args: readonly string[], prefix: readonly string[] = []): Promise<Program> {
    const program = startProgram([...prefix, process.execPath, MAIN, ...args], { HELLO_MAPPER: mapper });
    this.defer(() => program.stop());
    if (args[0] !== "recorder") await program.line();
    return program;
  }

  /** A camera that encodes nothing: `bytes` a frame, of `jpeg` or of `h264`. */
  publish(
    mapper: string,
    bytes: number,
    rate: number,
    track: string,
    prefix: readonly string[] = [],
  ): Program {
    const file = `${import.meta.dirname}/publisher.ts`;
    const args = [mapper, bytes, rate, LIFETIME_SECONDS, track].map(String);
    const program = startProgram([...prefix, process.execPath, ...process.execArgv, file, ...args], {});
    this.defer(() => program.stop());
    return program;
  }

  /** A viewer of `camera/track`, behind what a balancer does: it goes to the next server when it loses its own. */
  watch(ports: readonly number[], camera: string, track: string): Watcher {
    const watcher = new Watcher(ports, { camera, track });
    this.defer(() => watcher.close());
    return watcher;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }
}

/** First and longest wait before a viewer connects again, in ms, as the page does. */
const RETRY_MS = { first: 250, most: 2000 };

/** One viewer, and what it saw since it was last asked. */
export class Watcher {
  readonly #ports: readonly number[];
  readonly #watched: { readonly camera: string; readonly track: string };
  #next = 0;
  #viewer: Viewer | undefined;
  #lastAtMs: number | undefined;
  #gapMs = 0;
  #agesMs: number[] = [];
  #closed = false;

  constructor(ports: readonly number[], watched: { readonly camera: string; readonly track: string }) {
    this.#ports = ports;
    this.#watched = watched;
    void this.#run();
  }

  /** Longest time without a frame, up to now. */
  get gapMs(): number {
    const open = this.#lastAtMs === undefined ? Number.POSITIVE_INFINITY : performance.now() - this.#lastAtMs;
    return Math.max(this.#gapMs, open);
  }

  /** Ages of all frames. */
  get agesMs(): readonly number[] {
    return this.#agesMs;
  }

  /** Whether it has a frame since it was last asked. */
  get sees(): boolean {
    return this.#agesMs.length > 0;
  }

  /** Forget what was seen; the gap that is open stays. */
  reset(): void {
    this.#gapMs = 0;
    this.#agesMs = [];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#viewer?.[Symbol.asyncDispose]();
  }

  async #run(): Promise<void> {
    let waitMs = RETRY_MS.first;
    while (!this.#closed) {
      const port = this.#ports[this.#next++ % this.#ports.length] ?? 0;
      try {
        await using viewer = await HelloViewer.open({ host: "127.0.0.1", port }, this.#watched, (picture) => {
          waitMs = RETRY_MS.first;
          this.#show(((picture.shownAt - (picture.capturedAt ?? 0)) / 1000) as number);
        });
        this.#viewer = viewer;
        while (viewer.failure === undefined && !this.#closed) await pause(20);
      } catch {
        // Not there: the next one.
      }
      await pause(waitMs);
      waitMs = Math.min(RETRY_MS.most, waitMs * 2);
    }
  }

  #show(ageMs: number): void {
    const nowMs = performance.now();
    if (this.#lastAtMs !== undefined) this.#gapMs = Math.max(this.#gapMs, nowMs - this.#lastAtMs);
    this.#lastAtMs = nowMs;
    this.#agesMs.push(ageMs);
  }
}

/** Wait so long. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Wait until `check` is true. */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<number> {
  const startMs = performance.now();
  while (!(await check())) {
    if (performance.now() - startMs > withinMs) throw new Error(`${what}: not within ${withinMs / 1000} s`);
    await pause(10);
  }
  return performance.now() - startMs;
}

/** The value below which this part of them is. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
