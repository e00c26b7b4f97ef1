/** Whether an hour changes anything: age, rate and memory, again and again, under a constant load. */

import { setTimeout as sleep } from "node:timers/promises";
import { measure, type Phase } from "./load.ts";
import { type Member, members, socketBufferBytes } from "./process-tree.ts";
import { megabytes, ms, save, table } from "./report.ts";
import { ours, RATE } from "./subject.ts";

const SOURCE = `test:1280x720@${RATE}`;

/** Viewers that stay the whole time, unless others are asked for. */
const VIEWERS = 100;

/** Rows of the table: the probes are spread evenly over the time. */
const PROBES = 12;

/** Length of one probe. */
const PROBE_SECONDS = 10;

/** A program that has just started still compiles its code and grows to its working size. */
const SETTLE_SECONDS = 20;

interface Probe {
  readonly minute: number;
  readonly phase: Phase;
  readonly processes: readonly Member[];
  readonly kernelBytes: number;
}

/** Viewers of the test picture, encoder included; a newcomer measures for ten seconds, again and again. */
export async function soak(options: {
  minutes: number;
  viewers: number | undefined;
  signal: AbortSignal;
}): Promise<string> {
  const { viewers = VIEWERS } = options;
  await using subject = await ours("test", SOURCE, options.signal);
  const seconds = SETTLE_SECONDS + Math.ceil(options.minutes * 60);
  const crowd = measure(subject, { viewers, seconds }, options.signal);
  // The last one leaves nobody to measure beside.
  const everyMs = Math.max(0, ((options.minutes * 60) / PROBES) * 1000 - (PROBE_SECONDS + 4) * 1000);
  const probes: Probe[] = [];
  let over = false;
  const ended = crowd.finally(() => {
    over = true;
  });
  await Promise.race([sleep(SETTLE_SECONDS * 1000), ended]);
  const startMs = performance.now();
  while (!over && probes.length < PROBES) {
    const minute = (performance.now() - startMs) / 60_000;
    const phase = await measure(subject, { viewers: 1, seconds: PROBE_SECONDS }, options.signal);
    probes.push({
      minute,
      phase,
      processes: members(subject.pid),
      kernelBytes: socketBufferBytes(),
    });
    await Promise.race([sleep(everyMs), ended]);
  }
  const all = await ended;
  save("soak", { minutes: options.minutes, crowd: all, probes });

  const names = probes[0]?.processes ?? [];
  const rows = probes.map(({ minute, phase, processes, kernelBytes }) => [
    minute.toFixed(0),
    phase.ratePerViewer.mean.toFixed(1),
    `${phase.ageMs.p50.toFixed(1)} / ${ms(phase.ageMs.p99)}`,
    ...names.map(({ pid }) => megabytes(processes.find((found) => found.pid === pid)?.residentBytes ?? 0)),
    megabytes(kernelBytes),
  ]);
  const { min, mean } = all.ratePerViewer;
  const title =
    `${options.minutes} min, ${SOURCE}, ${viewers} viewers at ${mean.toFixed(1)}/s (least ${min.toFixed(1)}), ` +
    `age p50 / p99 / most ${all.ageMs.p50.toFixed(1)} / ${all.ageMs.p99.toFixed(1)} / ${ms(all.ageMs.max)}`;
  const held = names.map(({ name }) => `\`${name}\``);
  return table(
    title,
    ["minute", "frames/s", "age p50 / p99", ...held, "kernel's TCP buffers of the machine"],
    rows,
  );
}
