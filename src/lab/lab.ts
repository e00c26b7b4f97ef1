import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { now } from "../protocol/index.ts";
import { Camera } from "./camera.ts";
import { chromiumRefusal, readNumbers, watchInChromium } from "./chromium-viewer.ts";
import { type Device, playDevice } from "./device.ts";
import { type LinkKind, type Measurement, measure, openLink } from "./measure.ts";
import { netnsRefusal } from "./netns-link.ts";
import { takePictures } from "./pictures.ts";
import { pageOf, plotName, plotOf, type Result, tableOf } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { writeStamp } from "./stamp.ts";
import { findRivals, ours, type Subject } from "./subject.ts";
import type { OpenViewer } from "./viewer.ts";

/** Pictures that the camera goes through: ten seconds, longer than a picture should ever be on its way. */
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
  readonly link: LinkKind;
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

/** What the camera shows; `indexOf` once a browser has read the strips. */
interface Pictures {
  readonly jpegs: readonly Uint8Array[];
  readonly indexOf: ReadonlyMap<number, number> | undefined;
  /** The first of them as a V4L2 camera: what reads one cares for its bytes, not for what it shows. */
  readonly device: () => Device;
}

/** Measure everything that was asked for; false if something that was there could not be measured. */
export async function run(options: LabOptions): Promise<boolean> {
  const { say, signal } = options;
  const { found, missing } = findRivals(options.against, options.rivals);
  for (const name of missing) say(`${name}: not found here, left out`);
  say("taking pictures");
  const jpegs = await takePictures(options.command, { count: PICTURES, bytes: PICTURE_BYTES }, signal);
  const pages = options.client === "chromium" || options.scenarios.some(({ tracks }) => tracks === "any");
  const reads = pages && (await chromiumRefusal()) === undefined;
  const indexOf = reads ? await readNumbers(jpegs, signal) : undefined;
  using folder = temporaryFolder();
  const still = jpegs[0] as Uint8Array;
  const pictures: Pictures = { jpegs, indexOf, device: () => playStill(still, folder.path) };
  const subjects = [ours(options.command), ...found];
  const results: Result[] = [];
  let well = true;
  for (const scenario of options.scenarios) {
    say(`\n${scenario.name}: ${scenario.title}`);
    const result = await play(scenario, subjects, pictures, options);
    well &&= result.well;
    results.push(result);
    say(tableOf(result));
  }
  if (options.out !== undefined) write(options.out, options.link, results);
  return well;
}

async function play(
  scenario: Scenario,
  subjects: readonly Subject[],
  pictures: Pictures,
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
    await using camera = await Camera.open(link.cameraHost, pictures.jpegs, RATE);
    try {
      const { signal } = options;
      const watch = await viewerOf(subject, scenario, camera, pictures, options);
      const { device } = pictures;
      measurements.push(await measure({ subject, watch, link, camera, device, seconds, signal }));
    } catch (error) {
      if (options.signal.aborted) throw error;
      well = false;
      notes.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { scenario, link: options.link, seconds, measurements, notes, well };
}

// A program that chooses among tracks does so in its page; all others are sent what they have to a viewer without one.
async function viewerOf(
  subject: Subject,
  { tracks }: Scenario,
  camera: Camera,
  { indexOf }: Pictures,
  { client, signal }: LabOptions,
): Promise<OpenViewer> {
  if (subject.pages === undefined || (tracks === "still" && client === "protocol")) return subject.watch;
  if (indexOf === undefined) throw new Error(`${subject.name} in a browser: ${await chromiumRefusal()}`);
  return watchInChromium({ path: subject.pages[tracks], camera, indexOf, signal });
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

function write(folder: string, link: LinkKind, results: readonly Result[]): void {
  mkdirSync(folder, { recursive: true });
  for (const result of results) {
    if (result.measurements.length > 0) writeFileSync(join(folder, plotName(result)), plotOf(result));
  }
  writeFileSync(join(folder, `${link}.md`), pageOf(results, PICTURE_BYTES));
}
