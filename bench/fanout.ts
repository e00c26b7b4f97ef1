/** What a delivered frame costs, beside the floor of the same minute. */

import { measure, type Phase } from "./load.ts";
import { ms, percent, save, table } from "./report.ts";
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
  readonly signal: AbortSignal;
}

/** Floor and ours with the same load, one after the other on the same core. */
export async function fanout(options: FanoutOptions): Promise<string> {
  const rows: string[][] = [];
  const figures: unknown[] = [];
  for (const { bytes, viewers, deltas } of loads(options)) {
    const rounds: Round[] = [];
    const quiet = () => rounds.filter((round) => Math.max(round.floor.noise, round.ours.noise) <= MAX_NOISE);
    while (quiet().length < options.rounds && rounds.length < options.rounds * PATIENCE) {
      const bottom = await measured(floor(bytes, options.signal), viewers, options);
      const top = await measured(
        (deltas ? oursWithDeltas : oursWithCamera)(bytes, options.signal),
        viewers,
        options,
      );
      rounds.push({ ratio: top.microsPerFrame / bottom.microsPerFrame, floor: bottom, ours: top });
    }
    figures.push({ bytes, viewers, deltas, rounds });
    const { ratio, floor: bottom, ours: top } = median(quiet().length > 0 ? quiet() : rounds);
    const load = `${viewers.toLocaleString("en")} × ${bytes / 1000} kB${deltas ? " h264" : ""}`;
    rows.push(
      [load, "floor", "1", "1", ...cells(bottom)],
      [
        load,
        "**ours**",
        `**${serverRatio(bottom, top).toFixed(2)}**`,
        `**${ratio.toFixed(2)}**`,
        ...cells(top),
      ],
    );
  }
  save("fanout", figures);
  const columns = ["load", "", "ratio of the server", "ratio of all programs", ...COLUMNS];
  return table(`Fan-out at ${RATE} frames/s`, columns, rows);
}

/** The floor alone: says whether the load and this machine are fit to measure with. */
export async function floorAlone(options: FanoutOptions): Promise<string> {
  const rows: string[][] = [];
  for (const { bytes, viewers, deltas } of loads(options)) {
    if (deltas) continue;
    const phase = await measured(floor(bytes, options.signal), viewers, options);
    rows.push([`${viewers.toLocaleString("en")} × ${bytes / 1000} kB`, ...cells(phase)]);
  }
  return table(`The floor at ${RATE} frames/s`, ["load", ...COLUMNS], rows);
}

interface Round {
  readonly ratio: number;
  readonly floor: Phase;
  readonly ours: Phase;
}

/** What the process that serves costs, without the recorder: it alone has anything to do with viewers. */
function serverRatio(bottom: Phase, top: Phase): number {
  return top.serverMicrosPerFrame / bottom.serverMicrosPerFrame;
}

function loads({ viewers }: FanoutOptions): readonly Load[] {
  const chosen = LOADS.filter((load) => viewers === undefined || load.viewers === viewers);
  if (chosen.length > 0) return chosen;
  throw new Error(`--viewers is one of ${LOADS.map((load) => load.viewers).join(", ")}, got ${viewers}`);
}

async function measured(starting: Promise<Subject>, viewers: number, options: FanoutOptions): Promise<Phase> {
  await using subject = await starting;
  return await measure(subject, { viewers, seconds: options.seconds }, options.signal);
}

function median(rounds: readonly Round[]): Round {
  const sorted = rounds.toSorted((a, b) => a.ratio - b.ratio);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
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
