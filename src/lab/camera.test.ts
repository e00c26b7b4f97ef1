import { expect, test } from "vitest";
import { now } from "../protocol/index.ts";
import { Camera } from "./camera.ts";
import { MjpegViewer } from "./mjpeg-viewer.ts";
import { stampable } from "./stamp.ts";
import type { Shown } from "./viewer.ts";

const JPEG = Buffer.from("ffd8ffe000044a46ffda0002aabbffd9", "hex");

async function watch(pictures: number, count: number): Promise<{ camera: Camera; seen: readonly Shown[] }> {
  const jpegs = Array.from({ length: pictures }, () => stampable(JPEG, 5000));
  const camera = await Camera.open("127.0.0.1", jpegs, 200);
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

test("it knows when a picture was captured last before it was seen, though it shows it again and again", async () => {
  const { camera, seen } = await watch(3, 12);
  await using _ = camera;
  for (const { sequence, capturedAt, shownAt } of seen) {
    expect(camera.captureBefore(sequence % 3, shownAt)).toBe(capturedAt);
  }
  expect(camera.captureBefore(3, now())).toBeUndefined();
  expect(camera.captureBefore(-1, now())).toBeUndefined();
  expect(camera.captureBefore(0, 0)).toBeUndefined();
});
