/**
 * Do two workers on two cores carry twice what one carries on one? Each core carries its share of everything: a worker
 * and the viewers for it, from a load generator of its own. So the cores are as full with one as with two, and nobody
 * works for free on a core that is not counted.
 */

import { availableParallelism } from "node:os";
import { program } from "./build.ts";
import { MAX_NOISE, PATIENCE } from "./fanout.ts";
import { WINDOW_FRAMES } from "./load.ts";
import { coreBusySeconds, cpuSeconds, type Member, members } from "./process-tree.ts";
import { Program } from "./program.ts";
import { megabytes, ms, percent, save, table } from "./report.ts";
import { oursWithCamera, RATE, type Subject } from "./subject.ts";

/** Seconds in which all viewers must have a picture: a full core opens few of them a second. */
const PATIENCE_SECONDS = 90;

/** Viewers per core: what a core carries at the full rate, then more than it can. */
const LOADS: readonly { readonly bytes: number; readonly viewers: number }[] = [
  { bytes: 5_000, viewers: 400 },
  { bytes: 5_000, viewers: 1_200 },
  { bytes: 100_000, viewers: 150 },
  { bytes: 100_000, viewers: 600 },
];

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  /** Only the loads of this many viewers per core, where there are any: other benches have other loads. */
  readonly viewers?: number | undefined;
  readonly signal: AbortSignal;
}

/** What one load generator saw. */
interface Seen {
  readonly seconds: number;
  readonly frames: number;
  readonly ratePerViewer: { readonly min: number; readonly mean: number };
  readonly ageMs: { readonly p50: number; readonly p99: number };
  readonly cpuSeconds: number;
}

/** What a number of workers carried. */
interface Carried {
  readonly framesPerSecond: number;
  readonly ratePerViewer: { readonly min: number; readonly mean: number };
  /** The worse of the load generators'. */
  readonly ageMs: { readonly p50: number; readonly p99: number };
  readonly microsPerFrame: number;
  /** Of the load, per frame: the viewers' own work. */
  readonly loadMicrosPerFrame: number;
  /** Share of all cores used that something else took. */
  readonly noise: number;
  readonly processes: readonly Member[];
}

interface Round {
  readonly ratio: number;
  readonly one: Carried;
  readonly two: Carried;
}

/** One worker on one core beside two on two, in turn; the round with the median ratio of frames carried. */
export async function workers(options: Options): Promise<string> {
  if (availableParallelism() < 2) throw new Error("the bench of workers needs two cores");
  const rows: string[][] = [];
  const figures: unknown[] = [];
  let processes: readonly Member[] = [];
  for (const { bytes, viewers } of loadsOf(options)) {
    const rounds: Round[] = [];
    const quiet = () => rounds.filter(({ one, two }) => Math.max(one.noise, two.noise) <= MAX_NOISE);
    while (quiet().length < options.rounds && rounds.length < options.rounds * PATIENCE) {
      const one = await carried(1, bytes, viewers, options);
      const two = await carried(2, bytes, viewers, options);
      rounds.push({ ratio: two.framesPerSecond / one.framesPerSecond, one, two });
    }
    figures.push({ bytes, viewersPerCore: viewers, rounds });
    const { ratio, one, two } = median(quiet().length > 0 ? quiet() : rounds);
    processes = two.processes;
    const load = (count: number) => `${(viewers * count).toLocaleString("en")} × ${bytes / 1000} kB`;
    rows.push([load(1), "1", "1", ...cells(one)], [load(2), "2", `**${ratio.toFixed(2)}**`, ...cells(two)]);
  }
  save("workers", figures);
  const columns = ["load", "cores and workers", "frames carried", "frames/s", "per viewer", "age p50 / p99"];
  const title = `Workers at ${RATE} frames/s, each core with its own load generator`;
  const more = ["CPU per frame", "of the load", "noise"];
  const held = processes.map(({ name, residentBytes }) => `\`${name}\` ${megabytes(residentBytes)}`);
  return `${table(title, [...columns, ...more], rows)}\nMemory with two workers, at the end: ${held.join(", ")}\n`;
}

function loadsOf({ viewers }: Options): typeof LOADS {
  const chosen = LOADS.filter((load) => viewers === undefined || load.viewers === viewers);
  return chosen.length > 0 ? chosen : LOADS;
}

async function carried(count: number, bytes: number, viewers: number, options: Options): Promise<Carried> {
  const { signal } = options;
  const cores = Array.from({ length: count }, (_, core) => core);
  const place = { workers: count, serverCores: cores.join(","), cameraCore: 0 };
  await using subject = await oursWithCamera(bytes, signal, place);
  const loads = cores.map((core) => {
    const args = loadArguments(subject, viewers, options.seconds);
    return new Program(program("load"), args, { core, signal });
  });
  await Promise.all(loads.map((load) => load.line()));
  const before = meters(subject, cores);
  const seen = await Promise.all(loads.map(async (load) => JSON.parse(await load.line()) as Seen));
  const after = meters(subject, cores);
  const sum = (value: (one: Seen) => number): number => seen.reduce((total, one) => total + value(one), 0);
  const framesPerSecond = sum(({ frames, seconds }) => frames / seconds);
  const seconds = after.at - before.at;
  const cpu = (after.cpu - before.cpu) / seconds;
  const loadCpu = sum((one) => one.cpuSeconds / one.seconds);
  const busy = (after.busy - before.busy) / seconds;
  return {
    framesPerSecond,
    ratePerViewer: {
      min: Math.min(...seen.map(({ ratePerViewer }) => ratePerViewer.min)),
      mean: sum(({ ratePerViewer }) => ratePerViewer.mean) / count,
    },
    ageMs: {
      p50: Math.max(...seen.map(({ ageMs }) => ageMs.p50)),
      p99: Math.max(...seen.map(({ ageMs }) => ageMs.p99)),
    },
    microsPerFrame: (cpu / framesPerSecond) * 1e6,
    loadMicrosPerFrame: (loadCpu / framesPerSecond) * 1e6,
    noise: Math.max(0, busy - cpu - loadCpu) / count,
    processes: members(subject.pid),
  };
}

function loadArguments({ port, camera }: Subject, viewers: number, seconds: number): string[] {
  const settings = {
    port,
    camera,
    viewers,
    window: WINDOW_FRAMES,
    warmup: 3,
    seconds,
    patience: PATIENCE_SECONDS,
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
}

/** Everything that counts, at one instant. */
function meters({ pid }: Subject, cores: readonly number[]): { at: number; cpu: number; busy: number } {
  const busy = cores.reduce((sum, core) => sum + coreBusySeconds(core), 0);
  return { at: performance.now() / 1000, cpu: cpuSeconds(pid), busy };
}

function median(rounds: readonly Round[]): Round {
  const sorted = rounds.toSorted((a, b) => a.ratio - b.ratio);
  // Of an even number, the worse of the two in the middle: more is better here.
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new Error("no round was measured");
  return middle;
}

function cells(carried: Carried): string[] {
  const { min, mean } = carried.ratePerViewer;
  return [
    Math.round(carried.framesPerSecond).toLocaleString("en"),
    `${mean.toFixed(1)} (least ${min.toFixed(1)})`,
    `${carried.ageMs.p50.toFixed(1)} / ${ms(carried.ageMs.p99)}`,
    `${carried.microsPerFrame.toFixed(1)} µs`,
    `${carried.loadMicrosPerFrame.toFixed(1)} µs`,
    percent(carried.noise),
  ];
}
