import { expect, test } from "vitest";
import { now } from "../protocol/index.ts";
import { Camera } from "./camera.ts";
import { MjpegViewer } from "./mjpeg-viewer.ts";
import { stampable } from "./stamp.ts";
import type { Shown } from "./viewer.ts";

const JPEG = Buffer.from("ffd8ffe000044a46ffda0002aabbffd9", "hex");

async function watch(
  pictures: number,
  count: number,
  showing: (number: number) => void = () => {},
): Promise<{ camera: Camera; seen: readonly Shown[] }> {
  const picture = {
    showing: (number: number): Uint8Array => {
      showing(number);
      return stampable(JPEG, 5000);
    },
  };
  const camera = await Camera.open("127.0.0.1", Array(pictures).fill(picture), 200);
  const { hostname: host, port } = new URL(camera.url);
  const seen: Shown[] = [];
  let enough = (): void => {};
  const all = new Promise<void>((resolve) => {
    enough = resolve;
  });
  await using _viewer = await MjpegViewer.open({ host, port: Number(port) }, "/any", (picture) => {
    seen.push(picture);
    if (seen.length === count) enough();
  });
  await all;
  return { camera, seen };
}

test("every picture tells its sequence and when it left", async () => {
  const { camera, seen } = await watch(3, 12);
  await using _ = camera;
  const sequences = seen.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  for (const { capturedAt = Infinity, shownAt } of seen) expect(shownAt).toBeGreaterThanOrEqual(capturedAt);
});

test("it knows when what a screen shows was captured, though it has shown the same picture again since", async () => {
  const { camera, seen } = await watch(3, 12);
  await using _ = camera;
  for (const { sequence, capturedAt } of seen) expect(camera.captureOf(sequence, now())).toBe(capturedAt);
});

test("no picture was captured before it was there", async () => {
  const { camera, seen } = await watch(3, 2);
  await using _ = camera;
  for (const { sequence, capturedAt = 0 } of seen) {
    expect(camera.captureOf(sequence, capturedAt - 1)).toBeUndefined();
  }
  expect(camera.captureOf(1_000_000, now())).toBeUndefined();
  // What a black screen shows.
  expect(camera.captureOf(0, now())).toBeUndefined();
});

test("every picture is asked to show its own sequence", async () => {
  const shown: number[] = [];
  const { camera, seen } = await watch(3, 8, (number) => shown.push(number));
  await using _ = camera;
  expect(shown).toEqual(expect.arrayContaining(seen.map(({ sequence }) => sequence)));
  expect(new Set(shown).size).toBe(shown.length);
});
