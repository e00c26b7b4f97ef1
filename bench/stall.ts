/** Viewers that stop reading, or come and go: what the others notice, and what it costs in memory. */

import { load, type Phase } from "./load.ts";
import { members, socketBufferBytes } from "./process-tree.ts";
import { megabytes, ms, save, table } from "./report.ts";
import { oursWithCamera } from "./subject.ts";

const SAMPLE_MS = 250;

/** Who is there, and who of them is trouble. */
interface Trouble {
  readonly bytes: number;
  readonly viewers: number;
  readonly stalled: number;
  /** Others that come and go each second while those stall. */
  readonly churnPerSecond: number;
  readonly beforeSeconds: number;
  readonly afterSeconds: number;
}

interface Sample extends Phase {
  readonly resident: number;
  /** The same in each quarter of the phase: does it grow? */
  readonly quarters: readonly number[];
  readonly kernel: number;
}

/** A third of the viewers stop reading in the middle. */
export async function stall({ seconds, signal }: { seconds: number; signal: AbortSignal }): Promise<string> {
  const time = { beforeSeconds: seconds, afterSeconds: seconds };
  return isolation(
    "stall",
    { bytes: 100_000, viewers: 300, stalled: 100, churnPerSecond: 0, ...time },
    signal,
  );
}

/** Of a thousand viewers 300 stop reading, and a hundred others come and go each second. */
export async function churn(options: {
  seconds: number;
  minutes: number;
  signal: AbortSignal;
}): Promise<string> {
  const time = { beforeSeconds: options.seconds, afterSeconds: Math.ceil(options.minutes * 60) };
  return isolation(
    "churn",
    { bytes: 5_000, viewers: 1_000, stalled: 300, churnPerSecond: 100, ...time },
    options.signal,
  );
}

/** The figures are those of the viewers that read from the beginning to the end. */
async function isolation(name: string, trouble: Trouble, signal: AbortSignal): Promise<string> {
  const { bytes, viewers, stalled, churnPerSecond } = trouble;
  await using subject = await oursWithCamera(bytes, signal);
  const settings = {
    viewers,
    seconds: trouble.afterSeconds,
    stall: { viewers: stalled, afterSeconds: trouble.beforeSeconds, churnPerSecond },
  };
  const samples: Sample[] = [];
  let held: number[] = [];
  const sampler = setInterval(() => held.push(treeBytes(subject.pid)), SAMPLE_MS);
  try {
    for await (const phase of load(subject, settings, signal)) {
      samples.push({
        ...phase,
        resident: settled(held),
        quarters: quarters(held),
        kernel: socketBufferBytes(),
      });
      held = [];
    }
  } finally {
    clearInterval(sampler);
  }
  save(name, samples);
  const rows = samples.map((sample, i) => [
    i === 0 ? "before" : "after",
    `${sample.ratePerViewer.mean.toFixed(1)} (least ${sample.ratePerViewer.min.toFixed(1)})`,
    `${sample.ageMs.p50.toFixed(1)} / ${ms(sample.ageMs.p99)}`,
    megabytes(sample.resident),
    sample.quarters.map((bytes) => (bytes / 1e6).toFixed(0)).join(", "),
    megabytes(sample.kernel),
  ]);
  const [before, after] = samples;
  const growth = before && after ? megabytes(after.resident - before.resident) : "unknown";
  const others = churnPerSecond > 0 ? `, ${churnPerSecond} others come and go each second` : "";
  const title = `${stalled} of ${viewers} viewers stop reading (${bytes / 1000} kB)${others}: programs grow by ${growth}`;
  const came = `${after?.came ?? 0} came and went, a second each; ${after?.saw ?? 0} of them saw a picture.`;
  const columns = [
    "",
    "frames/s per viewer",
    "age p50 / p99",
    "memory of all programs",
    "in each quarter, MB",
    "kernel's TCP buffers",
  ];
  const text = table(title, columns, rows);
  return churnPerSecond > 0 ? `${text}\n${came}\n` : text;
}

function treeBytes(root: number): number {
  return members(root).reduce((sum, member) => sum + member.residentBytes, 0);
}

function quarters(samples: readonly number[]): number[] {
  const size = Math.ceil(samples.length / 4);
  return [0, 1, 2, 3].map((n) => median(samples.slice(n * size, (n + 1) * size)));
}

/** The median of the second half: one sample says more about the last garbage collection than about the program. */
function settled(samples: readonly number[]): number {
  return median(samples.slice(samples.length >> 1));
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] ?? 0;
}
