/** Whether a wall of many cameras runs smoothly: pictures of each tile, what the page's thread has to do, memory, connections. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import type { HelloCamera } from "../src/client/hello-camera.ts";
import { openChromium } from "../test/browser/browsers.ts";
import { cpuSeconds, members, proportionalBytes } from "./process-tree.ts";
import { megabytes, ms, percent, save, table } from "./report.ts";
import { oursWithMany, type Subject } from "./subject.ts";
import { largest, threadSeconds } from "./threads.ts";

const SOURCE = "test:320x180@10";

/** All tiles are on the screen. */
const SCREEN = { width: 1920, height: 1080 };

/** Time in which tracks are chosen and code is compiled. */
const SETTLE_MS = 15_000;

/** Cameras that have a recorder by then. */
const START_PATIENCE_MS = 120_000;

/** The second tab shows the same cameras for so long. */
const SECOND_TAB_MS = 10_000;

/** What one tile has done. */
interface Tile {
  readonly camera: string;
  readonly painted: number;
  readonly failed: number;
  readonly ageMs: number | undefined;
  readonly track: string | undefined;
}

/** All of it at one instant. */
interface Sample {
  readonly atMs: number;
  readonly tiles: readonly Tile[];
  /** Seconds that the page's main thread was in a task, since it started: on the wall's clock, and on a core. */
  readonly mainSeconds: number;
  readonly mainCpuSeconds: number;
  readonly heapBytes: number;
  readonly browserSeconds: number;
  /** By kind of process, as \`renderer\`; and by kind of thread within that. */
  readonly processSeconds: Readonly<Record<string, number>>;
  readonly threadSeconds: Readonly<Record<string, ReadonlyMap<string, number>>>;
  readonly browserBytes: number;
  readonly serverSeconds: number;
  readonly recorderSeconds: number;
  readonly serverBytes: number;
}

/** A page with so many cameras, in headless Chromium, for so many minutes; then a second tab beside it. */
export async function wall(options: {
  tiles: number;
  minutes: number;
  signal: AbortSignal;
}): Promise<string> {
  const cameras = new Map(Array.from({ length: options.tiles }, (_, index) => [`cam-${index + 1}`, SOURCE]));
  await using subject = await oursWithMany(cameras, options.signal);
  await untilStarted(subject, options.tiles);
  const restSeconds = cpuSeconds(subject.pid);
  await sleep(SECOND_TAB_MS);
  const rest = (cpuSeconds(subject.pid) - restSeconds) / (SECOND_TAB_MS / 1000);
  const browser = await openChromium();
  try {
    const context = await browser.newContext({ viewport: SCREEN });
    const page = await open(context, subject);
    const meter = await Meter.attach(browser, page, subject);
    await sleep(SETTLE_MS);
    const first = await meter.sample();
    await sleep(options.minutes * 60_000);
    const last = await meter.sample();
    const alone = await connections(subject);
    const second = await open(context, subject);
    await second.bringToFront();
    await sleep(SECOND_TAB_MS);
    const together = await connections(subject);
    const shown = await tilesOf(second);
    save("wall", { ...options, signal: undefined, rest, first, last, alone, together, second: shown });
    return report(options, { rest, first, last, alone, together });
  } finally {
    await browser.close();
  }
}

interface Result {
  readonly rest: number;
  readonly first: Sample;
  readonly last: Sample;
  readonly alone: number;
  readonly together: number;
}

function report({ tiles, minutes }: { tiles: number; minutes: number }, result: Result): string {
  const { first, last } = result;
  const seconds = (last.atMs - first.atMs) / 1000;
  const rates = last.tiles
    .map(({ painted }, index) => (painted - (first.tiles[index]?.painted ?? 0)) / seconds)
    .sort((a, b) => a - b);
  const ages = last.tiles.flatMap(({ ageMs }) => ageMs ?? []).sort((a, b) => a - b);
  const share = (of: (sample: Sample) => number): string => percent((of(last) - of(first)) / seconds);
  const memory = (of: (sample: Sample) => number): string =>
    `${megabytes(of(first))} → ${megabytes(of(last))}`;
  const tracks = new Map<string, number>();
  for (const { track } of last.tiles) tracks.set(track ?? "none", (tracks.get(track ?? "none") ?? 0) + 1);
  const rows = [
    ["frames/s of a tile: least, median", `${rates[0]?.toFixed(1)}, ${middle(rates).toFixed(1)}`],
    ["age: median tile, oldest tile", `${ms(middle(ages))}, ${ms(ages.at(-1) ?? Number.NaN)}`],
    ["tracks", [...tracks].map(([track, count]) => `${count} × \`${track}\``).join(", ")],
    ["pictures that could not be decoded", String(last.tiles.reduce((sum, { failed }) => sum + failed, 0))],
    [
      "the page's main thread is in a task; of that on a core",
      `${share(({ mainSeconds }) => mainSeconds)}, ${share(({ mainCpuSeconds }) => mainCpuSeconds)}`,
    ],
    ["all of the browser, in cores", share(({ browserSeconds }) => browserSeconds)],
    ...Object.keys(last.processSeconds)
      .filter((kind) => (last.processSeconds[kind] ?? 0) - (first.processSeconds[kind] ?? 0) > 0.01 * seconds)
      .map((kind) => [
        `of that: ${kind}`,
        `${share(({ processSeconds }) => processSeconds[kind] ?? 0)}: ${largest(
          first.threadSeconds[kind] ?? new Map(),
          last.threadSeconds[kind] ?? new Map(),
          seconds,
        )}`,
      ]),
    [
      "server and recorders, in cores",
      `${share(({ serverSeconds }) => serverSeconds)}, with nobody watching ${percent(result.rest)}`,
    ],
    ["of that: recorders", share(({ recorderSeconds }) => recorderSeconds)],
    ["JavaScript heap of the page", memory(({ heapBytes }) => heapBytes)],
    ["memory of the browser", memory(({ browserBytes }) => browserBytes)],
    ["memory of server and recorders", memory(({ serverBytes }) => serverBytes)],
    ["WebSockets: one tab, two tabs", `${result.alone}, ${result.together}`],
  ];
  const title = `A wall of ${tiles} cameras, ${SOURCE}, one process each, ${minutes} min, Chromium without a GPU`;
  return table(title, ["", ""], rows);
}

async function untilStarted(subject: Subject, count: number): Promise<void> {
  const startMs = performance.now();
  for (;;) {
    // A machine that starts so many processes may not answer in time.
    const cameras = await fetch(`http://127.0.0.1:${subject.port}/cameras`).then(
      async (response) => (await response.json()) as readonly { state: string }[],
      () => [],
    );
    if (cameras.length === count && cameras.every(({ state }) => state !== "opening")) return;
    if (performance.now() - startMs > START_PATIENCE_MS) throw new Error(`${count} recorders did not start`);
    await sleep(500);
  }
}

async function open(context: BrowserContext, subject: Subject): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://127.0.0.1:${subject.port}/`);
  return page;
}

/** Connections that feed a viewer, as the server counts them. */
async function connections(subject: Subject): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${subject.port}/healthz`);
  return ((await response.json()) as { viewers: number }).viewers;
}

function tilesOf(page: Page): Promise<Tile[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll<HelloCamera>("hello-camera")].map(({ camera, stats }) => ({
      camera,
      painted: stats.framesPainted,
      failed: stats.framesFailed,
      ageMs: stats.ageP50Ms,
      track: stats.way?.track,
    })),
  );
}

/** Reads what a page and a server use. */
class Meter {
  readonly #page: Page;
  readonly #wallClock: CDPSession;
  readonly #cpuClock: CDPSession;
  readonly #browserSession: CDPSession;
  readonly #subject: Subject;

  static async attach(browser: Browser, page: Page, subject: Subject): Promise<Meter> {
    const [wallClock, cpuClock] = [
      await page.context().newCDPSession(page),
      await page.context().newCDPSession(page),
    ];
    await wallClock.send("Performance.enable", { timeDomain: "timeTicks" });
    await cpuClock.send("Performance.enable", { timeDomain: "threadTicks" });
    return new Meter(page, wallClock, cpuClock, await browser.newBrowserCDPSession(), subject);
  }

  private constructor(
    page: Page,
    wallClock: CDPSession,
    cpuClock: CDPSession,
    browserSession: CDPSession,
    subject: Subject,
  ) {
    this.#page = page;
    this.#wallClock = wallClock;
    this.#cpuClock = cpuClock;
    this.#browserSession = browserSession;
    this.#subject = subject;
  }

  async sample(): Promise<Sample> {
    // What is garbage is not held.
    await this.#wallClock.send("HeapProfiler.collectGarbage");
    const wallClock = await metrics(this.#wallClock);
    const cpuClock = await metrics(this.#cpuClock);
    const { processInfo } = await this.#browserSession.send("SystemInfo.getProcessInfo");
    const server = members(this.#subject.pid);
    const kinds = new Map<string, typeof processInfo>();
    for (const one of processInfo) kinds.set(one.type, [...(kinds.get(one.type) ?? []), one]);
    return {
      atMs: performance.now(),
      tiles: await tilesOf(this.#page),
      mainSeconds: wallClock.get("TaskDuration") ?? Number.NaN,
      mainCpuSeconds: cpuClock.get("TaskDuration") ?? Number.NaN,
      heapBytes: wallClock.get("JSHeapUsedSize") ?? Number.NaN,
      browserSeconds: processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
      processSeconds: Object.fromEntries(
        [...kinds].map(([kind, processes]) => [
          kind,
          processes.reduce((sum, { cpuTime }) => sum + cpuTime, 0),
        ]),
      ),
      threadSeconds: Object.fromEntries(
        [...kinds].map(([kind, processes]) => [kind, threadSeconds(processes.map(({ id }) => id))]),
      ),
      browserBytes: processInfo.reduce((sum, { id }) => sum + proportionalBytes(id), 0),
      serverSeconds: cpuSeconds(this.#subject.pid),
      recorderSeconds: cpuSeconds(this.#subject.pid) - cpuSeconds(this.#subject.pid, false),
      serverBytes: server.reduce((sum, { pid }) => sum + proportionalBytes(pid), 0),
    };
  }
}

async function metrics(session: CDPSession): Promise<ReadonlyMap<string, number>> {
  const { metrics: found } = await session.send("Performance.getMetrics");
  return new Map(found.map(({ name, value }) => [name, value]));
}

function middle(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
