import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSource } from "./create-source.ts";
import { type SourceFrame } from "./frame-source.ts";
import * as Jpeg from "./jpeg.ts";
import type { SourceOptions } from "./source.ts";

let folder: string;
let pictures: Buffer[];

async function shoot(source: string, count: number, options: SourceOptions = {}): Promise<SourceFrame[]> {
  const stopping = new AbortController();
  await using capture = await createSource(source, options).open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  const frames: SourceFrame[] = [];
  for await (const frame of capture.frames(stopping.signal)) {
    frames.push(frame);
    if (frames.length === count) stopping.abort();
  }
  return frames;
}

const payloads = (frames: readonly SourceFrame[]): Buffer[] =>
  frames.map(({ payload }) => Buffer.from(payload));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "hello-recorder-"));
  pictures = payloads(await shoot("test:64x48@240", 3));
  const [other] = payloads(await shoot("test:96x64@240", 1));
  await writeFile(join(folder, "clip.mjpeg"), Buffer.concat(pictures));
  await writeFile(join(folder, "sizes.mjpeg"), Buffer.concat([pictures[0]!, other!, pictures[1]!, other!]));
  await writeFile(join(folder, "empty.mjpeg"), "");
  await writeFile(join(folder, "garbage.mp4"), Buffer.alloc(5000, "garbage"));
});

afterAll(() => rm(folder, { recursive: true }));

describe("a file", () => {
  test("is played byte for byte, again and again", async () => {
    const frames = await shoot(`file:${folder}/clip.mjpeg`, 8);
    expect(payloads(frames)).toEqual([...pictures, ...pictures, ...pictures].slice(0, 8));
  });

  test("plays at its own speed, over the seam too", async () => {
    const frames = await shoot(`${folder}/clip.mjpeg`, 7);
    const seconds = (frames[6]!.capturedAt - frames[0]!.capturedAt) / 1_000_000;
    // 25/s: never faster. How much slower is the machine's affair.
    expect(seconds).toBeGreaterThan(6 / 25 - 0.02);
  });

  test("is encoded where another size is wanted", async () => {
    const frames = await shoot(`${folder}/clip.mjpeg`, 4, { size: { width: 32, height: 24 }, quality: 60 });
    expect(frames.map(({ payload }) => Jpeg.size(payload))).toEqual(Array(4).fill({ width: 32, height: 24 }));
  });

  test("may change its size", async () => {
    const sizes = async (options: SourceOptions): Promise<(number | undefined)[]> =>
      (await shoot(`${folder}/sizes.mjpeg`, 6, options)).map(({ payload }) => Jpeg.size(payload)?.width);
    expect(await sizes({})).toEqual([64, 96, 64, 96, 64, 96]);
    expect(await sizes({ quality: 50 })).toEqual([64, 96, 64, 96, 64, 96]);
    expect(await sizes({ size: { width: 32, height: 32 } })).toEqual(Array(6).fill(32));
  });

  test("says what it gives, also after a change", async () => {
    const stopping = new AbortController();
    await using capture = await createSource(`${folder}/sizes.mjpeg`).open(stopping.signal);
    capture.want(new Set(["jpeg"]));
    const widths = [capture.tracks[0]?.width];
    for await (const _frame of capture.frames(stopping.signal)) {
      widths.push(capture.tracks[0]?.width);
      if (widths.length === 4) stopping.abort();
    }
    expect(widths).toEqual([64, 64, 96, 64]);
  });

  test.each([
    ["missing.mp4", "no such file or directory"],
    ["garbage.mp4", "invalid data found when processing input"],
    ["empty.mjpeg", "has no picture that can be shown"],
  ])("that is %s is an error of one sentence", async (name, message) => {
    await expect(shoot(`file:${folder}/${name}`, 1)).rejects.toThrow(message);
  });
});
