import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { type Ack, type Frame, micros, now } from "../protocol/index.ts";
import { ImagePipeline } from "./image-pipeline.ts";
import { Painter } from "./painter.ts";
import type { Decode, Picture } from "./picture.ts";
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
    const decode: Decode = ({ sequence }) =>
      new Promise((resolve, reject) => {
        this.#decoding.push({ sequence, finish: resolve, fail: () => reject(new Error("broken")) });
      });
    this.player = stills(new Painter(() => 1), decode, (ack) => this.acks.push(ack));
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
    await eventually(() => expect(this.open.size).toBe(0));
  }

  async fail(): Promise<void> {
    const { failed } = this.player.counters;
    this.#decoding.shift()!.fail();
    await eventually(() => expect(this.player.counters.failed).toBe(failed + 1));
  }
}

function stills(painter: Painter, decode: Decode, acknowledge: (ack: Ack.Ack) => void): Player {
  return new Player({
    camera: "front",
    stream: 1,
    way: JPEG_WAY,
    painter,
    pipeline: (options) => new ImagePipeline(options, decode),
    shared: () => false,
    acknowledge,
    offsetMicros: () => 1_000_000,
    roundTripMs: () => 2,
    began: () => undefined,
    wantKeyframe: () => expect.unreachable(),
    resize: () => expect.unreachable(),
    gaveUp: () => expect.unreachable(),
  });
}

/** Time that a player of a wall works on a still: of cameras with so many a second, each of which takes `decodeMs` to decode. */
async function workMsOnWall(players: number, rate: number, decodeMs: number): Promise<number> {
  vi.useFakeTimers();
  const painter = new Painter(() => players);
  const decode: Decode = async () => {
    await new Promise((resolve) => setTimeout(resolve, decodeMs));
    return { width: 4, height: 3, close: () => undefined } as unknown as Picture;
  };
  const all = Array.from({ length: players }, () => stills(painter, decode, () => undefined));
  for (let sequence = 0; sequence < 3 * rate; sequence++) {
    for (const player of all) player.put(frame(sequence));
    await vi.advanceTimersByTimeAsync(1_000 / rate);
  }
  for (const player of all) expect(player.counters.painted).toBeGreaterThan(20);
  const worksMs = all.map((player) => player.signs(performance.now()).workMs);
  for (const player of all) player.close();
  return Math.max(...worksMs);
}

function frame(sequence: number): Frame.Frame {
  const payload = new Uint8Array([0xff]);
  const capturedAt = micros(now() - 20_000);
  return { track: 7, sequence, capturedAt, keyframe: true, discardable: false, layer: 0, payload };
}

afterEach(() => void vi.useRealTimers());

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

test.each([
  [1, 30],
  [16, 30],
  [20, 25],
  [20, 30],
  [20, 60],
  [50, 10],
])(
  "of %i players at %i/s each works as long as it decodes, whatever it waits for the beat",
  async (players, rate) => {
    expect(await workMsOnWall(players, rate, 4)).toBeLessThan(6);
  },
);

test.each([1, 20])(
  "of %i players a decoder that is too slow for the camera is told by its work",
  async (players) => {
    expect(await workMsOnWall(players, 30, 60)).toBeGreaterThan(55);
  },
);

test("painting that holds up the thread is work", async () => {
  vi.useFakeTimers();
  const picture = { width: 4, height: 3, close: () => undefined } as unknown as Picture;
  const player = stills(
    new Painter(() => 1),
    async () => picture,
    () => undefined,
  );
  for (let sequence = 0; sequence < 60; sequence++) {
    await new Promise<void>((resolve) => {
      const paint = (): void => {
        vi.advanceTimersByTime(40);
        resolve();
      };
      player.surfaces.clear();
      player.surfaces.add({ paint } as unknown as Surface);
      player.put(frame(sequence));
    });
  }
  expect(player.signs(performance.now()).workMs).toBeGreaterThan(35);
});
