/** How old a picture is when it arrives: capture to arrival, the encoder included. */

import { measure } from "./load.ts";
import { ms, percent, save, table } from "./report.ts";
import { ours, RATE } from "./subject.ts";

const SOURCE = `test:1280x720@${RATE}`;

/** One viewer of the moving test picture. */
export async function age(options: { seconds: number; signal: AbortSignal }): Promise<string> {
  await using subject = await ours("test", SOURCE, options.signal);
  const phase = await measure(subject, { viewers: 1, seconds: options.seconds }, options.signal);
  save("age", phase);
  const { p50, p99, max } = phase.ageMs;
  const rate = phase.ratePerViewer.mean.toFixed(1);
  const core = percent(phase.subjectCpuSeconds / phase.seconds);
  const columns = ["frames/s", "age p50", "p99", "max", "core used, encoder included"];
  return table(`Capture to arrival, ${SOURCE}, one viewer`, columns, [
    [rate, ms(p50), ms(p99), ms(max), core],
  ]);
}
