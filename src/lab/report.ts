import type { LinkKind, Measurement } from "./measure.ts";
import { netnsRefusal } from "./netns-link.ts";
import { plotAges } from "./plot.ts";
import { beforeSlump, LIVE_MS, recoveryMs, type Slump, slumpOf } from "./recovery.ts";
import { encodesAnew } from "./samples.ts";
import type { Scenario } from "./scenario.ts";
import { OURS } from "./subject.ts";

/** One scenario, as every program took it. */
export interface Result {
  readonly scenario: Scenario;
  readonly link: LinkKind;
  readonly seconds: number;
  readonly measurements: readonly Measurement[];
  /** What was not measured, in sentences. */
  readonly notes: readonly string[];
}

const COLUMNS = [
  "program",
  "frames/s",
  "age p50",
  "p99",
  "max",
  "oldest on screen",
  "on the link",
  "switches",
];

/** Two more where the link gets worse for a while. */
const SLUMP_COLUMNS = ["before the slump", `full quality, at most ${LIVE_MS} ms old, again after`];

const UNTOLD = "not measured";

/** Markdown: the table of a result. */
export function tableOf(result: Result): string {
  const { scenario, seconds, measurements, notes } = result;
  const slump = slumpOf(scenario.link);
  const columns = slump === undefined ? COLUMNS : [...COLUMNS, ...SLUMP_COLUMNS];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = measurements.map((measurement) => [
    measurement.subject,
    measurement.summary.framesPerSecond.toFixed(1),
    ...ageCells(measurement),
    `${((measurement.bytesPerSecond * 8) / 1e6).toFixed(2)} Mbit/s`,
    String(measurement.summary.switches),
    ...(slump === undefined ? [] : slumpCells(measurement, slump, seconds)),
  ]);
  const table = [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
  const said = [
    ...measurements.flatMap(unstampedNote),
    ...notes.map((note) => `Not measured: ${note}.`),
    ...caveatOf(result),
  ];
  return [...(rows.length > 0 ? table : []), ...said.flatMap((note) => ["", note])].join("\n").trimStart();
}

function ageCells({ summary: { ages, frames } }: Measurement): readonly string[] {
  if (ages === undefined) return Array(4).fill(UNTOLD);
  const shown = [ages.p50Ms, ages.p99Ms, ages.maxMs].map((age) =>
    age === undefined ? (frames === 0 ? "none came" : "–") : ms(age),
  );
  return [...shown, ms(ages.oldestShownMs)];
}

function slumpCells({ showing, summary }: Measurement, slump: Slump, seconds: number): readonly string[] {
  if (summary.ages === undefined) return [UNTOLD, UNTOLD];
  const before = beforeSlump(showing.samples, slump);
  const backMs = recoveryMs(showing.samples, slump, showing.durationMs);
  return [
    before === undefined ? "none came" : `${before.track}, up to ${ms(before.oldestMs)}`,
    backMs === undefined ? `not within ${seconds - slump.toMs / 1_000} s` : ms(backMs),
  ];
}

function unstampedNote({ subject, showing, summary }: Measurement): readonly string[] {
  if (showing.unstamped === 0) return [];
  const some = `${showing.unstamped} of ${summary.frames} pictures have no stamp`;
  return encodesAnew(showing)
    ? [`Not measured: ages of ${subject}: encodes anew, ${some}.`]
    : [`${subject}: ${some}, and are in no age.`];
}

/** Name of the plot's file. */
export function plotName({ scenario, link }: Result): string {
  return `${scenario.name}-${link}.svg`;
}

/** SVG: age over time. */
export function plotOf({ scenario, seconds, measurements }: Result): string {
  const series = measurements
    .filter(({ showing }) => !encodesAnew(showing))
    .map(({ subject, showing }) => ({ name: subject, points: showing.samples }));
  return plotAges(`Age of each picture as it arrives: ${scenario.title}`, series, seconds * 1000);
}

// The kernel's buffers are the queue of whoever fills them, and a proxy has more of them than a link.
function caveatOf({ scenario, link, measurements }: Result): readonly string[] {
  if (link !== "proxy" || measurements.every(({ subject }) => subject === OURS)) return [];
  const refusal = netnsRefusal(scenario.link);
  const way = refusal === undefined ? "Compare on `--link netns`" : `Netns cannot tell: ${refusal}`;
  return [
    "**Over the proxy rivals may look many times worse than they are.** What the link does not carry at once waits in 3 to 4.5 MB of the " +
      `kernel's loopback buffers, which no real link has, and a program that writes as much as the socket takes fills them. ${way}.`,
  ];
}

function ms(value: number): string {
  return value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
}
