import { cpus } from "node:os";
import type { LinkKind, Measurement } from "./measure.ts";
import { plotAges } from "./plot.ts";
import { recoveryMs, slumpOf } from "./recovery.ts";
import type { Scenario } from "./scenario.ts";

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
export function tableOf({ scenario, measurements, notes }: Result): string {
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
  const said = notes.flatMap((note) => ["", `Not measured: ${note}.`]);
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

/** Markdown: everything, with the plots beside it. */
export function pageOf(results: readonly Result[], pictureBytes: number): string {
  const machine = `${cpus().length} cores, Node ${process.versions.node}`;
  const sections = results.flatMap((result) => [
    `## ${result.scenario.name}: ${result.scenario.title}`,
    "",
    `${result.seconds} s.`,
    "",
    ...(result.measurements.length > 0
      ? [`![Age over time, ${result.scenario.title}](${plotName(result)})`, ""]
      : []),
    tableOf(result),
    "",
  ]);
  return [
    `# Lab results, link: ${results[0]?.link}`,
    "",
    `Written by the lab: 1280x720, ${(pictureBytes / 1000).toFixed(0)} kB JPEGs at 30/s, ${machine}. [The method](../README.md#the-lab).`,
    "",
    ...sections,
  ].join("\n");
}

function ms(value: number): string {
  if (Number.isNaN(value)) return "none came";
  return value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
}
