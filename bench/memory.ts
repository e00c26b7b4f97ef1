/** What each process holds with one camera and one viewer, and whether it grows. */

import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "./load.ts";
import { type Member, members } from "./process-tree.ts";
import { megabytes, save, table } from "./report.ts";
import { ours, RATE } from "./subject.ts";

const SOURCE = `test:1280x720@${RATE}`;
const SAMPLE_SECONDS = 5;
/** A program that has just started still compiles its code and grows to its working size. */
const SETTLE_SECONDS = 20;

/** Resident memory of every process over this many minutes. */
export async function memory(options: { minutes: number; signal: AbortSignal }): Promise<string> {
  await using subject = await ours("test", SOURCE, options.signal);
  const watched = measure(
    subject,
    { viewers: 1, seconds: SETTLE_SECONDS + Math.ceil(options.minutes * 60) },
    options.signal,
  );
  const samples: Member[][] = [];
  let running = true;
  const ended = watched.finally(() => {
    running = false;
  });
  await Promise.race([sleep(SETTLE_SECONDS * 1000), ended]);
  while (running) {
    samples.push(members(subject.pid));
    await Promise.race([sleep(SAMPLE_SECONDS * 1000), ended]);
  }
  const phase = await ended;
  save("memory", { minutes: options.minutes, phase, samples });

  const rows = (samples[0] ?? []).map(({ pid, name }) => {
    const held = samples.flatMap(
      (sample) => sample.find((member) => member.pid === pid)?.residentBytes ?? [],
    );
    const start = held[0] ?? 0;
    const end = held.at(-1) ?? 0;
    const most = Math.max(...held);
    return [`\`${name}\``, ...[start, end, end - start, most].map(megabytes)];
  });
  const title = `Memory over ${options.minutes} min, ${SOURCE}, one viewer at ${phase.ratePerViewer.mean.toFixed(1)}/s`;
  return table(title, ["process", "start", "end", "growth", "most"], rows);
}
