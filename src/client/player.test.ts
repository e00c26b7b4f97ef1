import { expect, test, vi } from "vitest";
import { type Ack, type Frame, micros, now } from "../protocol/index.ts";
import { ImagePipeline } from "./image-pipeline.ts";
import { Painter } from "./painter.ts";
import type { Picture } from "./picture.ts";
import { Player } from "./player.ts";
import type { Surface } from "./surface.ts";
import { JPEG_WAY } from "./way.ts";

/** A decoder that finishes when the test says so. */
class Bench {
  readonly painted: number[] = [];
  readonly acks: Ack.Ack[] = [];
  readonly open = new Set<number>();
  readonly player: Player;
  readonly #decoding: { sequence: number; finish: (picture: Picture) => void; fail: () => void }[] = [];

  constructor() {
    this.player = new Player({
      camera: "front",
      stream: 1,
      way: JPEG_WAY,
      painter: new Painter(() => 1),
      pipeline: (options) =>
        new ImagePipeline(
          options,
          ({ sequence }) =>
            new Promise((resolve, reject) => {
              this.#decoding.push({ sequence, finish: resolve, fail: () => reject(new Error("broken")) });
            }),
        ),
      shared: () => false,
      acknowledge: (ack) => this.acks.push(ack),
      offsetMicros: () => 1_000_000,
      roundTripMs: () => 2,
      began: () => undefined,
      wantKeyframe: () => expect.unreachable(),
      resize: () => expect.unreachable(),
      gaveUp: () => expect.unreachable(),
    });
    const surface = {
      paint: (picture: unknown) => this.painted.push((picture as { sequence: number }).sequence),
    };
    this.player.surfaces.add(surface as unknown as Surface);
  }

  put(...sequences: number[]): void {
    for (const sequence of sequences) this.player.put(frame(sequence));
  }

  get decoding(): number[] {
    return this.#decoding.map(({ sequence }) => sequence);
  }

  async finish(): Promise<void> {
    const { sequence, finish } = this.#decoding.shift()!;
    this.open.add(sequence);
    const picture = { sequence, width: 4, height: 3, close: () => this.open.delete(sequence) };
    finish(picture as unknown as Picture);
    await vi.waitFor(() => expect(this.open.size).toBe(0));
  }

  async fail(): Promise<void> {
    const { failed } = this.player.counters;
    this.#decoding.shift()!.fail();
    await vi.waitFor(() => expect(this.player.counters.failed).toBe(failed + 1));
  }
}

function frame(sequence: number): Frame.Frame {
  const payload = new Uint8Array([0xff]);
  const capturedAt = micros(now() - 20_000);
  return { track: 7, sequence, capturedAt, keyframe: true, discardable: false, layer: 0, payload };
}

test("the newest frame is decoded next; those between are acknowledged by it", async () => {
  const bench = new Bench();
  bench.put(1, 2, 3, 4);
  expect(bench.decoding).toEqual([1]);
  await bench.finish();
  expect(bench.decoding).toEqual([4]);
  await bench.finish();
  expect(bench.painted).toEqual([1, 4]);
  expect(bench.acks.map(({ sequence }) => sequence)).toEqual([1, 4]);
  expect(bench.player.counters).toEqual({ painted: 2, skipped: 0, overwritten: 2, failed: 0 });
});

test("what the server left out is counted as skipped", async () => {
  const bench = new Bench();
  bench.put(0xffff_fffe);
  await bench.finish();
  bench.put(2);
  await bench.finish();
  expect(bench.player.counters.skipped).toBe(3);
});

test("a broken frame is counted, acknowledged, and the next one is shown", async () => {
  const bench = new Bench();
  bench.put(1, 2);
  await bench.fail();
  await bench.finish();
  expect(bench.painted).toEqual([2]);
  expect(bench.acks.map(({ sequence }) => sequence)).toEqual([1, 2]);
});

test("a canvas that throws does not stop the player, and the picture is closed", async () => {
  const bench = new Bench();
  const broken = {
    paint: () => {
      throw new Error("lost context");
    },
  };
  bench.player.surfaces.add(broken as unknown as Surface);
  bench.put(1);
  await bench.finish();
  bench.put(2);
  await bench.finish();
  expect(bench.player.counters.failed).toBe(2);
  expect(bench.acks).toHaveLength(2);
});

test("after a restart nothing of before is shown or acknowledged, but its picture is closed", async () => {
  const bench = new Bench();
  bench.put(1, 2);
  bench.player.restart();
  await bench.finish();
  expect(bench.painted).toEqual([]);
  expect(bench.acks).toEqual([]);
  bench.put(0);
  await bench.finish();
  expect(bench.painted).toEqual([0]);
});

test("the age is on the server's clock", async () => {
  const bench = new Bench();
  bench.put(1);
  await bench.finish();
  expect(bench.player.ageMs).toBeGreaterThanOrEqual(1_020);
  expect(bench.player.ageMs).toBeLessThan(2_000);
  expect(bench.player.ageP50Ms(performance.now())).toBe(bench.player.ageMs);
});
