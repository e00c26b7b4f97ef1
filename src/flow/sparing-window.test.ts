import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrackPlan } from "../../test/support/simulated-hub.ts";
import { figures, SimulatedPlayer, world } from "../../test/support/simulated-viewer.ts";
import { SparingWindow } from "./sparing-window.ts";
import { Window } from "./window.ts";

interface Path {
  readonly bitsPerSecond: number;
  readonly roundTripMs: number;
  readonly jitterMs?: number;
  readonly paintMs?: number;
  readonly seed?: number;
}

const STILLS: TrackPlan = { name: "jpeg", bytes: 20_000, rate: 30 };
const DELTAS: TrackPlan = { name: "h264", bytes: 5_000, rate: 30, gopFrames: 60 };

/** What was shown in the minute after the first five seconds, and how many acknowledgements there were for each. */
function minute(
  track: TrackPlan,
  path: Path,
  isSparing = true,
): ReturnType<typeof figures> & { acks: number } {
  const link = {
    rates: [{ fromMs: 0, bitsPerSecond: path.bitsPerSecond }],
    latencyMs: path.roundTripMs / 2,
    jitterMs: path.jitterMs ?? 0,
    seed: path.seed ?? 1,
    bufferBytes: 2 ** 22,
  };
  const { paintMs = 4 } = path;
  const whole = world(
    [track],
    link,
    isSparing ? { paintMs } : { paintMs, window: () => new Window(whole.time.nowMs) },
  );
  void new SimulatedPlayer(whole, track);
  whole.time.run(5_000);
  const before = whole.hub.acknowledgements;
  whole.time.run(65_000);
  const seen = figures(whole.shown, 5_000, 65_000);
  return { ...seen, acks: (whole.hub.acknowledgements - before) / (seen.rate * 60) };
}

describe("over a good link", () => {
  const path = { bitsPerSecond: 100e6, roundTripMs: 2 };

  test("every second still is acknowledged, and every fourth frame of a track with deltas", () => {
    expect(minute(STILLS, path).acks).toBeCloseTo(1 / 2, 1);
    expect(minute(DELTAS, path).acks).toBeCloseTo(1 / 4, 1);
  });

  test("a picture comes when it comes otherwise", () => {
    const [sparing, each] = [minute(STILLS, path), minute(STILLS, path, false)];
    expect(sparing.rate).toBe(each.rate);
    expect(sparing.maxMs).toBeCloseTo(each.maxMs, 5);
  });
});

describe("every frame is acknowledged", () => {
  test("where the link is the bottleneck", () => {
    expect(minute(STILLS, { bitsPerSecond: 3e6, roundTripMs: 2 }).acks).toBeGreaterThan(0.98);
  });

  test("where the round trip is as long as the credit lasts", () => {
    expect(minute(STILLS, { bitsPerSecond: 100e6, roundTripMs: 20 }).acks).toBe(1);
  });

  test("where a picture takes long until it is painted", () => {
    expect(minute(STILLS, { bitsPerSecond: 100e6, roundTripMs: 2, paintMs: 20 }).acks).toBe(1);
  });

  test("nearly, where the transfer takes so long that sparing costs time", () => {
    // 30 of the 33 ms between two frames.
    const { acks, rate } = minute(STILLS, { bitsPerSecond: 5.4e6, roundTripMs: 8 });
    expect(acks).toBeGreaterThan(0.9);
    expect(rate).toBeGreaterThan(29.5);
  });
});

test("whatever the link, a picture is hardly older than with an acknowledgement for each", () => {
  const paths = fc.record({
    bitsPerSecond: fc.double({ min: 5.5, max: 9, noNaN: true }).map((exponent) => 10 ** exponent),
    roundTripMs: fc.integer({ min: 0, max: 60 }),
    jitterMs: fc.integer({ min: 0, max: 15 }),
    paintMs: fc.integer({ min: 0, max: 25 }),
    seed: fc.nat(1_000),
  });
  fc.assert(
    fc.property(paths, (path) => {
      const [sparing, each] = [minute(STILLS, path), minute(STILLS, path, false)];
      expect(sparing.rate).toBeGreaterThan(0.98 * each.rate - 0.1);
      expect(sparing.p50Ms).toBeLessThan(each.p50Ms + 3);
    }),
    { numRuns: 60 },
  );
}, 60_000);

test("a window that changes is told at once", () => {
  let frames = 2;
  const inner = new Window(0);
  const window = new SparingWindow(
    new Proxy(inner, { get: (target, name) => (name === "frames" ? frames : bound(target, name)) }),
  );
  const frame = (sequence: number): number | undefined => {
    const atMs = sequence * 33;
    window.arrived({ sequence, capturedAtMs: atMs, bytes: 1_000 }, atMs + 1, 1);
    window.painted(2, atMs + 2);
    window.done(sequence);
    return window.ask(atMs + 2);
  };
  const told = Array.from({ length: 40 }, (_, sequence) => frame(sequence));
  const spared = told.lastIndexOf(undefined);
  expect(spared).toBeGreaterThanOrEqual(38);
  expect(window.waiting).toBe(false);
  frames = 1;
  expect([frame(40), frame(41)]).not.toContain(undefined);
});

function bound(target: Window, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name, target);
  return typeof value === "function" ? value.bind(target) : value;
}
