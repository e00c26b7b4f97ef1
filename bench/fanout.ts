/** What a delivered frame costs, beside the floor and the rivals of the same minute. */

import { measure, type Phase } from "./load.ts";
import { ms, percent, save, table } from "./report.ts";
import { findRivals, type Rival } from "./rival.ts";
import { floor, oursWithCamera, oursWithDeltas, RATE, type Subject } from "./subject.ts";

/** Viewers, the size of their frames, and whether most of these are deltas, of which none may be left out. */
interface Load {
  readonly bytes: number;
  readonly viewers: number;
  readonly deltas?: true;
}

const LOADS: readonly Load[] = [
  { bytes: 100_000, viewers: 1 },
  { bytes: 100_000, viewers: 100 },
  { bytes: 100_000, viewers: 300 },
  { bytes: 5_000, viewers: 1_000 },
  { bytes: 5_000, viewers: 1_000, deltas: true },
  { bytes: 2_500, viewers: 3_000 },
];

/** A round with more noise than this is measured again. */
export const MAX_NOISE = 0.1;
/** On a machine that is never quiet the bench ends after this many times the rounds asked for. */
export const PATIENCE = 3;

export interface FanoutOptions {
  /** Length of one measurement. */
  readonly seconds: number;
  /** Quiet rounds wanted of each pair; the one with the median ratio is reported. */
  readonly rounds: number;
  /** Only the loads of this many viewers. Absent: all. */
  readonly viewers?: number | undefined;
  /** Frames of this size for those viewers, whether that is one of the loads or not. */
  readonly bytes?: number | undefined;
  /** Where rivals are that are not on the path: `NAME=PATH`. */
  readonly rivals: readonly string[];
  readonly signal: AbortSignal;
}

/** Floor, ours and rivals with the same load, one after the other on the same core. */
export async function fanout(options: FanoutOptions): Promise<string> {
  const { found, missing } = findRivals(options.rivals);
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const load of loads(options)) {
    const rounds: Round[] = [];
    const quiet = () => rounds.filter((round) => round.noise <= MAX_NOISE);
    while (quiet().length < options.rounds && rounds.length < options.rounds * PATIENCE) {
      rounds.push(await roundOf(load, found, options));
    }
    figures.push({ ...load, rounds });
    rows.push(...rowsOf(load, median(quiet().length > 0 ? quiet() : rounds)));
  }
  save("fanout", figures);
  const ratios = ["ratio of the server", "ratio of all programs", "ours in parts of it: server / all"];
  const text = table(`Fan-out at ${RATE} frames/s`, ["load", "", ...ratios, ...COLUMNS], rows);
  if (missing.length === 0) return text;
  return `${text}\nNot on this machine: ${missing.join(", ")} (--rival NAME=PATH says where one is).\n`;
}

/** Of so many frames one is acknowledged, for the figure of a floor that hears next to nothing of its viewers. */
const FEW_ACKS = 16;

/** The floor alone: says whether the load and this machine are fit to measure with, and what acknowledgements cost here. */
export async function floorAlone(options: FanoutOptions): Promise<string> {
  const rows: string[][] = [];
  for (const { bytes, viewers, deltas } of loads(options)) {
    if (deltas) continue;
    for (const ackEvery of [1, FEW_ACKS]) {
      const phase = await measured(floor(bytes, options.signal), viewers, options, ackEvery);
      rows.push([
        `${viewers.toLocaleString("en")} × ${bytes / 1000} kB`,
        `1 of ${ackEvery}`,
        ...cells(phase),
      ]);
    }
  }
  return table(`The floor at ${RATE} frames/s`, ["load", "acknowledged", ...COLUMNS], rows);
}

interface Round {
  readonly ratio: number;
  /** The worst of all. */
  readonly noise: number;
  readonly floor: Phase;
  readonly ours: Phase;
  readonly rivals: readonly Rivalry[];
}

/** A rival, and what it cost, or why it did not serve. */
interface Rivalry {
  readonly name: string;
  readonly version: string;
  readonly phase?: Phase;
  readonly failure?: string;
}

async function roundOf(load: Load, rivals: readonly Rival[], options: FanoutOptions): Promise<Round> {
  const { bytes, viewers, deltas } = load;
  const { signal } = options;
  const bottom = await measured(floor(bytes, signal), viewers, options);
  const top = await measured((deltas ? oursWithDeltas : oursWithCamera)(bytes, signal), viewers, options);
  const others: Rivalry[] = [];
  // They have JPEGs only.
  for (const { name, version, start } of deltas ? [] : rivals) {
    try {
      others.push({ name, version, phase: await measured(start(bytes, signal), viewers, options) });
    } catch (error) {
      if (signal.aborted) throw error;
      const words = error instanceof Error ? error.message : String(error);
      others.push({ name, version, failure: words.replaceAll(/\s+/g, " ") });
    }
  }
  const noise = [bottom, top, ...others.map(({ phase }) => phase)].map((phase) => phase?.noise ?? 0);
  const ratio = top.microsPerFrame / bottom.microsPerFrame;
  return { ratio, noise: Math.max(...noise), floor: bottom, ours: top, rivals: others };
}

function rowsOf({ bytes, viewers, deltas }: Load, { floor: bottom, ours: top, rivals }: Round): string[][] {
  const load = `${viewers.toLocaleString("en")} × ${bytes / 1000} kB${deltas ? " h264" : ""}`;
  const ratios = (phase: Phase) => [
    serverRatio(bottom, phase).toFixed(2),
    (phase.microsPerFrame / bottom.microsPerFrame).toFixed(2),
  ];
  return [
    [load, "floor", "1", "1", "", ...cells(bottom)],
    [load, "**ours**", ...ratios(top).map((ratio) => `**${ratio}**`), "", ...cells(top)],
    ...rivals.map(({ name, version, phase, failure }) => {
      if (!phase) return [load, `${name} ${version}`, `did not serve: ${failure}`];
      const parts = [top.serverMicrosPerFrame, top.microsPerFrame].map(
        (micros) => micros / phase.microsPerFrame,
      );
      const share = parts.map((part) => part.toFixed(2)).join(" / ");
      return [load, `${name} ${version}`, ...ratios(phase), share, ...cells(phase)];
    }),
  ];
}

/** What the process that serves costs, without the recorder: it alone has anything to do with viewers. */
function serverRatio(bottom: Phase, top: Phase): number {
  return top.serverMicrosPerFrame / bottom.serverMicrosPerFrame;
}

function loads({ viewers, bytes }: FanoutOptions): readonly Load[] {
  if (viewers !== undefined && bytes !== undefined) return [{ bytes, viewers }];
  const chosen = LOADS.filter((load) => viewers === undefined || load.viewers === viewers);
  if (chosen.length > 0) return chosen;
  const known = LOADS.map((load) => load.viewers).join(", ");
  throw new Error(`--viewers is one of ${known}, or any with --bytes; got ${viewers}`);
}

async function measured(
  starting: Promise<Subject>,
  viewers: number,
  { seconds, signal }: FanoutOptions,
  ackEvery = 1,
): Promise<Phase> {
  await using subject = await starting;
  return await measure(subject, { viewers, seconds, ackEvery }, signal);
}

function median(rounds: readonly Round[]): Round {
  const sorted = rounds.toSorted((a, b) => a.ratio - b.ratio);
  // Of an even number, the worse of the two in the middle.
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("no round was measured");
  return middle;
}

const COLUMNS = [
  "CPU per frame: server / all",
  "core used",
  "frames/s per viewer",
  "age p50 / p99",
  "memory per viewer",
  "load's core",
  "noise",
];

function cells(phase: Phase): string[] {
  const { min, mean } = phase.ratePerViewer;
  return [
    `${phase.serverMicrosPerFrame.toFixed(1)} / ${phase.microsPerFrame.toFixed(1)} µs`,
    percent(phase.subjectCpuSeconds / phase.seconds),
    `${mean.toFixed(1)} (least ${min.toFixed(1)})`,
    `${phase.ageMs.p50.toFixed(1)} / ${ms(phase.ageMs.p99)}`,
    `${(phase.residentBytesPerViewer / 1000).toFixed(1)} kB`,
    percent(phase.cpuSeconds / phase.seconds),
    percent(phase.noise),
  ];
}
