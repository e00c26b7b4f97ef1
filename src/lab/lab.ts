import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Camera } from "./camera.ts";
import { type LinkKind, type Measurement, measure, openLink } from "./measure.ts";
import { netnsRefusal } from "./netns-link.ts";
import { takePictures } from "./pictures.ts";
import { pageOf, plotName, plotOf, type Result, tableOf } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { findRivals, ours, type Subject } from "./subject.ts";

/** Pictures that the camera goes through: ten seconds, longer than a picture should ever be on its way. */
const PICTURES = 300;
const RATE = 30;

/** Bytes of each picture: HD of a good webcam. */
const PICTURE_BYTES = 100_000;

/** What to measure, and how. */
export interface LabOptions {
  readonly scenarios: readonly Scenario[];
  /** Length of a measurement whose scenario does not say. */
  readonly seconds: number;
  readonly link: LinkKind;
  /** Names of rivals to look for. */
  readonly against: readonly string[];
  /** Where rivals are that are not on the path. */
  readonly rivals: ReadonlyMap<string, string>;
  /** Folder for tables and plots; `undefined`: none are written. */
  readonly out: string | undefined;
  /** The words that start our own server. */
  readonly command: readonly string[];
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Measure everything that was asked for; false if something that was there could not be measured. */
export async function run(options: LabOptions): Promise<boolean> {
  const { say, signal } = options;
  const { found, missing } = findRivals(options.against, options.rivals);
  for (const name of missing) say(`${name}: not found here, left out`);
  say("taking pictures");
  const { jpegs } = await takePictures(options.command, { count: PICTURES, bytes: PICTURE_BYTES }, signal);
  const subjects = [ours(options.command), ...found];
  const results: Result[] = [];
  let well = true;
  for (const scenario of options.scenarios) {
    say(`\n${scenario.name}: ${scenario.title}`);
    const result = await play(scenario, subjects, jpegs, options);
    well &&= result.well;
    results.push(result);
    say(tableOf(result));
  }
  if (options.out !== undefined) write(options.out, results);
  return well;
}

async function play(
  scenario: Scenario,
  subjects: readonly Subject[],
  jpegs: readonly Uint8Array[],
  options: LabOptions,
): Promise<Result & { readonly well: boolean }> {
  const seconds = scenario.seconds ?? options.seconds;
  const refusal = options.link === "netns" ? netnsRefusal(scenario.link) : undefined;
  const measurements: Measurement[] = [];
  const notes: string[] = refusal === undefined ? [] : [`all of it with --link netns: ${refusal}`];
  let well = true;
  for (const subject of refusal === undefined ? subjects : []) {
    options.signal.throwIfAborted();
    await using link = await openLink(options.link, scenario.link);
    await using camera = await Camera.open(link.cameraHost, jpegs, RATE);
    try {
      const { signal } = options;
      measurements.push(await measure({ subject, watch: subject.watch, link, camera, seconds, signal }));
    } catch (error) {
      if (options.signal.aborted) throw error;
      well = false;
      notes.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { scenario, link: options.link, seconds, measurements, notes, well };
}

function write(folder: string, results: readonly Result[]): void {
  mkdirSync(folder, { recursive: true });
  for (const result of results) {
    if (result.measurements.length > 0) writeFileSync(join(folder, plotName(result)), plotOf(result));
  }
  writeFileSync(join(folder, "README.md"), pageOf(results, PICTURE_BYTES));
}
