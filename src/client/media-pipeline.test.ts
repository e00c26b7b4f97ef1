import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Frame, micros, now } from "../protocol/index.ts";
import { MediaPipeline } from "./media-pipeline.ts";
import type { PipelineOptions } from "./pipeline.ts";
import type { Segment, Surface } from "./surface.ts";

const INTERVAL_MS = 40;
const START = [0, 0, 0, 1];
const SPS = Buffer.from("6742c01fd9005005bb011000000300100000030320f1832480", "hex");
const PPS = [0x68, 0xce, 0x3c, 0x80];
const KEYFRAME = Uint8Array.of(...START, ...SPS, ...START, ...PPS, ...START, 0x65, 0x88, 0x84);
const DELTA = Uint8Array.of(...START, 0x41, 0x9a, 0x02);

/** A pipeline, the `<video>` that it plays in, and what it tells. */
class Bench {
  readonly pipeline: MediaPipeline;
  readonly segments: Segment[] = [];
  readonly works: number[] = [];
  readonly painted: number[] = [];
  #sequence = 0;

  constructor() {
    const surface = { play: (segment: Segment) => this.segments.push(segment) } as unknown as Surface;
    this.pipeline = new MediaPipeline({
      stream: 1,
      surfaces: new Set([surface]),
      painter: undefined as unknown as PipelineOptions["painter"],
      catchingUp: () => false,
      events: {
        painted: ({ sequence }) => this.painted.push(sequence),
        worked: (workMs) => this.works.push(workMs),
        done: () => {},
        overwritten: () => {},
        failed: (error) => expect.unreachable(String(error)),
        starved: () => {},
        choked: () => {},
      },
    });
  }

  /** The camera gives a frame, `skipped` frames after the one before. */
  async put(skipped = 0): Promise<void> {
    await vi.advanceTimersByTimeAsync((1 + skipped) * INTERVAL_MS);
    this.#sequence += skipped;
    const keyframe = this.#sequence === 0;
    const payload = keyframe ? KEYFRAME : DELTA;
    const facts = { track: 1, capturedAt: now(), discardable: false, layer: 0 };
    const frame: Frame.Frame = { ...facts, sequence: this.#sequence++, keyframe, payload };
    this.pipeline.put(frame);
  }

  /** The video shows the frame that was put as the `n`th. */
  show(n: number): void {
    const { timeS } = this.segments[n]!;
    this.pipeline.presented({ stream: 1, timeS, at: micros(now()), width: 1280, height: 720 });
  }
}

let bench: Bench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new Bench();
});

afterEach(() => {
  bench.pipeline.close();
  vi.useRealTimers();
});

test("a video that shows what comes works no longer on a frame than the camera does", async () => {
  for (let frame = 0; frame < 50; frame++) {
    await bench.put();
    bench.show(frame);
  }
  expect(bench.painted).toHaveLength(50);
  expect(Math.max(...bench.works.slice(20))).toBeLessThan(1.1 * INTERVAL_MS);
});

test("frames that were left out on the way are no work of the video's: it shows each that comes, a little late", async () => {
  for (let frame = 0; frame < 50; frame++) {
    await bench.put(frame === 0 ? 0 : 1);
    if (frame > 0) bench.show(frame - 1);
  }
  expect(Math.max(...bench.works.slice(20))).toBeLessThan(1.1 * INTERVAL_MS);
});

test("one that shows every frame at half the camera's pace works twice as long on each", async () => {
  for (let frame = 0; frame < 50; frame++) {
    await bench.put();
    if (frame % 2 === 0) bench.show(frame / 2);
  }
  expect(bench.works.at(-1)).toBeCloseTo(2 * INTERVAL_MS);
});

test("one that shows nothing any more is at work on the next picture, while it may play and there is one to show", async () => {
  await bench.put();
  bench.show(0);
  bench.works.length = 0;
  for (let frame = 1; frame < 25; frame++) await bench.put();
  expect(bench.works.length).toBeGreaterThan(4);
  expect(Math.max(...bench.works)).toBeGreaterThan(500);
  bench.pipeline.hold(true);
  bench.works.length = 0;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(bench.works).toEqual([]);
  bench.pipeline.hold(false);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(bench.works).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(bench.works.length).toBeGreaterThan(4);
  // Another connection: what was on its way to the screen is of no interest.
  bench.pipeline.reset();
  bench.works.length = 0;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(bench.works).toEqual([]);
});
