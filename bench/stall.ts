/** Viewers that stop reading: what the others notice, and what it costs in memory. */

import { load, type Phase } from "./load.ts";
import { members, socketBufferBytes } from "./process-tree.ts";
import { megabytes, ms, save, table } from "./report.ts";
import { oursWithCamera } from "./subject.ts";

const BYTES = 100_000;
const VIEWERS = 300;
const STALLED = 100;
const SAMPLE_MS = 250;

interface Sample extends Phase {
  readonly resident: number;
  readonly kernel: number;
}

/** A third of the viewers stop reading in the middle; the figures are those of the others. */
export async function stall(options: { seconds: number; signal: AbortSignal }): Promise<string> {
  await using subject = await oursWithCamera(BYTES, options.signal);
  const settings = {
    viewers: VIEWERS,
    seconds: options.seconds,
    stall: { viewers: STALLED, afterSeconds: options.seconds },
  };
  const samples: Sample[] = [];
  let held: number[] = [];
  const sampler = setInterval(() => held.push(residentBytes(subject.pid)), SAMPLE_MS);
  try {
    for await (const phase of load(subject, settings, options.signal)) {
      samples.push({ ...phase, resident: settled(held), kernel: socketBufferBytes() });
      held = [];
    }
  } finally {
    clearInterval(sampler);
  }
  save("stall", samples);
  const rows = samples.map((sample, i) => [
    i === 0 ? "before" : "after",
    `${sample.ratePerViewer.mean.toFixed(1)} (least ${sample.ratePerViewer.min.toFixed(1)})`,
    `${sample.ageMs.p50.toFixed(1)} / ${ms(sample.ageMs.p99)}`,
    megabytes(sample.resident),
    megabytes(sample.kernel),
  ]);
  const [before, after] = samples;
  const growth = before && after ? megabytes(after.resident - before.resident) : "unknown";
  const title = `${STALLED} of ${VIEWERS} viewers stop reading (${BYTES / 1000} kB): programs grow by ${growth}`;
  const columns = [
    "",
    "frames/s per viewer",
    "age p50 / p99",
    "memory of all programs",
    "kernel's TCP buffers",
  ];
  return table(title, columns, rows);
}

function residentBytes(root: number): number {
  return members(root).reduce((sum, member) => sum + member.residentBytes, 0);
}

/** The median of the second half: one sample says more about the last garbage collection than about the program. */
function settled(samples: readonly number[]): number {
  const half = samples.slice(samples.length >> 1).toSorted((a, b) => a - b);
  return half[half.length >> 1] ?? 0;
}
