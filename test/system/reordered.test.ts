import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readCounters, writeClip } from "../support/clip.ts";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";

const run = promisify(execFile);
const hasFfmpeg = has("ffprobe", "-version");

let folder: string;
let program: Program;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-reordered-"));
  const clip = join(folder, "clip.mp4");
  const options = { preset: "medium", "x264-params": "b-adapt=0:log-level=none" };
  await writeClip(clip, {
    encoder: "libx264",
    options,
    width: 320,
    height: 180,
    frames: 50,
    gop: 25,
    bFrames: 3,
  });
  program = await Program.start(["up", "--port", "0", "--camera", `clip=file:${clip}`]);
  await program.says(/at 25\/s/);
});

afterAll(async () => {
  await program.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** As much of a stream as holds `frames` pictures and some more. */
async function read(form: string, frames: number): Promise<Buffer> {
  const file = join(folder, form);
  const leaving = new AbortController();
  const response = await fetch(`${program.firstLine}/cameras/clip/${form}`, { signal: leaving.signal });
  if (response.status !== 200) throw new Error(`${form}: ${response.status} ${await response.text()}`);
  const chunks: Uint8Array[] = [];
  const reader = response.body!.getReader();
  for (;;) {
    const { value } = await reader.read();
    if (value === undefined) throw new Error(`${form} ended after ${chunks.length} pieces`);
    chunks.push(value);
    const bytes = Buffer.concat(chunks);
    writeFileSync(file, bytes);
    const counted = await packets(file).catch(() => []);
    if (counted.length < frames) continue;
    leaving.abort();
    return bytes;
  }
}

async function packets(file: string): Promise<{ pts: number; dts: number }[]> {
  const shown = ["-v", "quiet", "-show_entries", "packet=pts_time,dts_time", "-of", "json", file];
  const { stdout } = await run("ffprobe", shown);
  const found = JSON.parse(stdout) as { packets: { pts_time: string; dts_time: string }[] };
  return found.packets.map(({ pts_time, dts_time }) => ({ pts: Number(pts_time), dts: Number(dts_time) }));
}

test.skipIf(!hasFfmpeg).each([
  ["stream.mp4", "mov"],
  ["stream.ts", "mpegts"],
])("B-frames in %s are shown in their order, each after it is decoded", async (form, format) => {
  const bytes = await read(form, 40);
  const all = await packets(join(folder, form));
  expect(all.some(({ pts, dts }) => pts > dts)).toBe(true);
  for (const [index, { pts, dts }] of all.entries()) {
    expect(pts).toBeGreaterThanOrEqual(dts);
    if (index > 0) expect(dts).toBeGreaterThan(all[index - 1]!.dts);
  }
  // No two are shown at once, and the picture count rises with the time of showing.
  expect(new Set(all.map(({ pts }) => pts)).size).toBe(all.length);
  const counters = await readCounters([bytes], format);
  const steps = counters.slice(1, 30).map((count, index) => (count - counters[index]! + 50) % 50);
  // Who comes in the middle of a GOP is not given what no other picture needs.
  for (const step of steps) expect(step).toBeGreaterThanOrEqual(1);
  for (const step of steps) expect(step).toBeLessThan(25);
  const frames = ["-v", "error", "-show_entries", "frame=pts_time", "-of", "csv=p=0", join(folder, form)];
  const { stdout } = await run("ffprobe", frames);
  const times = stdout
    .split(/[\n,]+/)
    .filter(Boolean)
    .map(Number);
  for (let n = 1; n < 30; n++) expect(times[n]).toBeGreaterThan(times[n - 1]!);
});
