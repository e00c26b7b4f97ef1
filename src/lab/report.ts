import type { LinkKind, Measurement } from "./measure.ts";
import { netnsRefusal } from "./netns-link.ts";
import { plotAges } from "./plot.ts";
import { recoveryMs, slumpOf } from "./recovery.ts";
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

/** One more where the link gets worse for a while: from its recovery to a picture as good and as fresh as before. */
const BACK_COLUMN = "full quality again after";

/** Markdown: the table of a result. */
export function tableOf(result: Result): string {
  const { scenario, measurements, notes } = result;
  const slump = slumpOf(scenario.link);
  const columns = slump === undefined ? COLUMNS : [...COLUMNS, BACK_COLUMN];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = measurements.map(({ subject, samples, summary, bytesPerSecond }) => [
    subject,
    summary.framesPerSecond.toFixed(1),
    ms(summary.p50Ms),
    ms(summary.p99Ms),
    ms(summary.maxMs),
    ms(summary.oldestShownMs),
    `${((bytesPerSecond * 8) / 1e6).toFixed(2)} Mbit/s`,
    String(summary.switches),
    ...(slump === undefined ? [] : [ms(recoveryMs(samples, slump) ?? Number.NaN)]),
  ]);
  const table = [line(columns), line(columns.map(() => "---")), ...rows.map(line)];
  const said = [...notes.map((note) => `Not measured: ${note}.`), ...caveatOf(result)].flatMap((text) => [
    "",
    text,
  ]);
  return [...(rows.length > 0 ? table : []), ...said].join("\n").trimStart();
}

/** Name of the plot's file. */
export function plotName({ scenario, link }: Result): string {
  return `${scenario.name}-${link}.svg`;
}

/** SVG: age over time. */
export function plotOf({ scenario, seconds, measurements }: Result): string {
  const series = measurements.map(({ subject, samples }) => ({ name: subject, points: samples }));
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
  if (Number.isNaN(value)) return "none came";
  return value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
}
