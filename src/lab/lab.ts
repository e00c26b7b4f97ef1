import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { now } from "../protocol/index.ts";
import { Camera } from "./camera.ts";
import { chromiumRefusal, watchInChromium } from "./chromium-viewer.ts";
import { type Device, playDevice } from "./device.ts";
import { LabError } from "./lab-error.ts";
import { chooseLink } from "./link-choice.ts";
import { type LinkKind, type Measurement, measure, openLink } from "./measure.ts";
import { removeLeftovers } from "./netns-leftovers.ts";
import { netnsMissing, tryNetns } from "./netns-link.ts";
import { NumberedPicture } from "./numbered-picture.ts";
import { pageWith } from "./page.ts";
import { takePictures } from "./pictures.ts";
import { refuseTaken } from "./process.ts";
import { plotName, plotOf, type Result, tableOf } from "./report.ts";
import { encodesAnew } from "./samples.ts";
import type { Scenario } from "./scenario.ts";
import { writeStamp } from "./stamp.ts";
import { findRivals, ours, type Subject } from "./subject.ts";
import type { OpenViewer } from "./viewer.ts";

/** Pictures that the camera goes through, again and again: ten seconds. */
const PICTURES = 300;
const RATE = 30;

/** Bytes of each picture: HD of a good webcam. */
const PICTURE_BYTES = 100_000;

/** What watches: a program that speaks the protocol, or the page in a browser. */
export type Client = "protocol" | "chromium";

/** What to measure, and how. */
export interface LabOptions {
  readonly scenarios: readonly Scenario[];
  /** Length of a measurement whose scenario does not say. */
  readonly seconds: number;
  /** `undefined`: of each scenario the more real one that this machine and the scenario allow. */
  readonly link: LinkKind | undefined;
  /** Who watches where a program has both. Any track but JPEG is always watched in Chromium. */
  readonly client: Client;
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

/** What the camera shows. */
interface Pictures {
  readonly numbered: readonly NumberedPicture[];
  /** The first of them as a V4L2 camera: what reads one cares for its bytes, not for what it shows. */
  readonly device: () => Device;
}

/**
 * Measure everything that was asked for; false if something that was there could not be measured.
 * @throws LabError, before anything is measured, if what was asked for cannot be
 */
export async function run(options: LabOptions): Promise<boolean> {
  const { say, signal, out } = options;
  const { found, missing } = findRivals(options.against, options.rivals);
  if (out !== undefined) openFolder(out);
  const noNetns = options.link === "proxy" ? undefined : await whyNoNetns(say);
  const choices = new Map(
    options.scenarios.map((scenario) => [scenario, chooseLink(scenario, options.link, noNetns)]),
  );
  for (const name of missing) say(`${name}: not found here, left out`);
  say("taking pictures");
  const jpegs = await takePictures(options.command, { count: PICTURES, bytes: PICTURE_BYTES }, signal);
  const numbered = jpegs.map((jpeg) => new NumberedPicture(jpeg));
  using folder = temporaryFolder();
  const still = jpegs[0] as Uint8Array;
  const pictures: Pictures = { numbered, device: () => playStill(still, folder.path) };
  const subjects = [ours(options.command), ...found];
  let well = true;
  for (const [scenario, { kind, why }] of choices) {
    say(`\n${scenario.name}: ${scenario.title}`);
    say(`link: ${kind} (${why})`);
    const result = await play(scenario, kind, subjects, pictures, options);
    well &&= result.notes.length === 0 && !result.measurements.some(({ showing }) => encodesAnew(showing));
    say(tableOf(result));
    if (out !== undefined && result.measurements.length > 0) write(out, result);
  }
  return well;
}

async function whyNoNetns(say: (line: string) => void): Promise<string | undefined> {
  const missing = netnsMissing();
  if (missing !== undefined) return missing;
  for (const name of removeLeftovers()) say(`${name} removed: the lab that made it is gone`);
  return tryNetns();
}

async function play(
  scenario: Scenario,
  kind: LinkKind,
  subjects: readonly Subject[],
  pictures: Pictures,
  options: LabOptions,
): Promise<Result> {
  const { signal } = options;
  const { device } = pictures;
  const seconds = scenario.seconds ?? options.seconds;
  const measurements: Measurement[] = [];
  const notes: string[] = [];
  for (const subject of subjects) {
    signal.throwIfAborted();
    try {
      await using link = await openLink(kind, scenario.link);
      // Behind a namespace all ports are free.
      if (link.prefix.length === 0) for (const port of subject.helperPorts ?? []) await refuseTaken(port);
      await using camera = await Camera.open(link.cameraHost, pictures.numbered, RATE);
      const watch = await viewerOf(subject, scenario, camera, options);
      measurements.push(await measure({ subject, watch, link, camera, device, seconds, signal }));
    } catch (error) {
      if (signal.aborted) throw error;
      notes.push(`${subject.name}: ${sentenceOf(error)}`);
    }
  }
  return { scenario, link: kind, seconds, measurements, notes };
}

// Programs complain in lines; a note is one, in a table's page as on a terminal.
function sentenceOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}

// A program that chooses among tracks does so in its page; all others are sent what they have to a viewer without one.
async function viewerOf(
  subject: Subject,
  { tracks }: Scenario,
  camera: Camera,
  { client, signal }: LabOptions,
): Promise<OpenViewer> {
  if (subject.pages === undefined || (tracks === "still" && client === "protocol")) return subject.watch;
  const refusal = await chromiumRefusal();
  if (refusal !== undefined) throw new Error(`no browser to watch it in: ${refusal}`);
  return watchInChromium({ path: subject.pages[tracks], camera, signal });
}

function playStill(jpeg: Uint8Array, folder: string): Device {
  const file = join(folder, "picture.jpg");
  const stamped = Buffer.from(jpeg);
  writeStamp(stamped, { sequence: 0, capturedAt: now() });
  writeFileSync(file, stamped);
  return playDevice(file, RATE, folder);
}

function temporaryFolder(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "hello-lab-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

// Before anything is measured: what cannot be kept was measured for nothing.
function openFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw new LabError(`--out: "${folder}" is no folder to write to: ${sentenceOf(error)}`);
  }
}

function write(folder: string, result: Result): void {
  writeFileSync(join(folder, plotName(result)), plotOf(result));
  const page = join(folder, `${result.link}.md`);
  const earlier = existsSync(page) ? readFileSync(page, "utf8") : "";
  writeFileSync(page, pageWith(result, earlier, PICTURE_BYTES));
}
