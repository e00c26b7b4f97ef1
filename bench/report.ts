/** Results: a Markdown table to read, JSON to keep. */

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";

/** A table under a heading. */
export function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [`### ${title}`, "", line(columns), line(columns.map(() => "---")), ...rows.map(line), ""].join(
    "\n",
  );
}

/** Keep the figures behind a table in bench/results, with the machine that they are from. */
export function save(bench: string, figures: unknown): void {
  const folder = `${import.meta.dirname}/results`;
  mkdirSync(folder, { recursive: true });
  const [cpu] = cpus();
  const machine = { node: process.version, kernel: release(), cores: cpus().length, cpu: cpu?.model };
  const result = { bench, at: new Date().toISOString(), machine, figures };
  writeFileSync(`${folder}/${bench}.json`, `${JSON.stringify(result, null, 2)}\n`);
}

export const ms = (value: number): string => `${value.toFixed(1)} ms`;
export const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
