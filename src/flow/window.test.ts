import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TrackPlan } from "../../test/support/simulated-hub.ts";
import type { Burst, LinkPlan } from "../../test/support/simulated-link.ts";
import { figures, type Shown, type ViewerPlan, watch } from "../../test/support/simulated-viewer.ts";
import { Limits } from "../protocol/index.ts";
import { START_WINDOW_FRAMES, Window } from "./window.ts";

interface Path {
  readonly bitsPerSecond: number;
  readonly roundTripMs: number;
  readonly bytes?: number;
  readonly rate?: number;
  readonly jitterMs?: number;
  readonly spread?: number;
  readonly every?: number;
  readonly seed?: number;
  readonly bufferBytes?: number;
  readonly burst?: Burst;
}

function run(path: Path, viewer: ViewerPlan, forMs: number): Shown[] {
  const { bytes = 100_000, rate = 30, spread = 0, every = 1 } = path;
  const track: TrackPlan = { name: "jpeg", bytes, rate, spread, every };
  const { bufferBytes = 2 ** 22, jitterMs = 0, seed = 1 } = path;
  const plan: LinkPlan = {
    rates: [{ fromMs: 0, bitsPerSecond: path.bitsPerSecond }],
    latencyMs: path.roundTripMs / 2,
    jitterMs,
    seed,
    bufferBytes,
    ...(path.burst !== undefined && { burst: path.burst }),
  };
  return watch(track, plan, { paintMs: 4, ...viewer }, forMs);
}

describe("over a constant link", () => {
  test("8 Mbit/s and 100 kB at 30/s: nearly ten frames a second, each hardly older than its transfer", () => {
    const { rate, p50Ms, maxMs } = figures(
      run({ bitsPerSecond: 8e6, roundTripMs: 2 }, {}, 63_000),
      3_000,
      63_000,
    );
    expect(rate).toBeGreaterThanOrEqual(9);
    expect(p50Ms).toBeLessThanOrEqual(126);
    expect(maxMs).toBeLessThan(145);
  });

  test.each([20, 40, 100, 200])("a round trip of %i ms beside a full link costs no frames", (roundTripMs) => {
    const { rate, p50Ms } = figures(run({ bitsPerSecond: 8e6, roundTripMs }, {}, 63_000), 3_000, 63_000);
    expect(rate).toBeGreaterThanOrEqual(9);
    expect(p50Ms).toBeLessThan(130 + roundTripMs / 2);
  });

  test("100 Mbit/s and 200 ms: every frame", () => {
    const { rate, maxMs } = figures(
      run({ bitsPerSecond: 100e6, roundTripMs: 200 }, {}, 63_000),
      3_000,
      63_000,
    );
    expect(rate).toBeGreaterThan(29.5);
    expect(maxMs).toBeLessThan(130);
  });

  test("1 Mbit/s: one frame at a time", () => {
    const { rate, maxMs } = figures(
      run({ bitsPerSecond: 1e6, roundTripMs: 200 }, {}, 120_000),
      10_000,
      120_000,
    );
    expect(rate).toBeGreaterThan(1.12);
    expect(maxMs).toBeLessThan(1_000);
  });

  test("10 kbit/s: still the newest", () => {
    const path = { bitsPerSecond: 10e3, roundTripMs: 100, bytes: 3_000 };
    const { rate, maxMs } = figures(run(path, {}, 600_000), 30_000, 600_000);
    expect(rate).toBeGreaterThan(0.36);
    // A transfer takes 2.5 s, and the questions for the time are a twentieth of all bytes.
    expect(maxMs).toBeLessThan(3_100);
  });

  test("after two hours it is as it was after ten seconds", () => {
    const shown = run({ bitsPerSecond: 8e6, roundTripMs: 30, jitterMs: 5, spread: 0.1 }, {}, 7_200_000);
    const [first, last] = [figures(shown, 10_000, 600_000), figures(shown, 6_600_000, 7_200_000)];
    expect(Math.abs(last.rate - first.rate)).toBeLessThan(0.1);
    expect(Math.abs(last.p99Ms - first.p99Ms)).toBeLessThan(5);
  }, 30_000);

  test("the promise: no older than a transfer, a round trip and two intervals, at nine tenths of what the link carries", () => {
    const path = fc.record({
      // Transfers of 0.3 ms to a second.
      transferMs: fc.double({ min: -0.5, max: 3, noNaN: true }).map((exponent) => 10 ** exponent),
      roundTripMs: fc.integer({ min: 0, max: 400 }),
      rate: fc.constantFrom(5, 15, 30, 60),
      bytes: fc.integer({ min: 10_000, max: 200_000 }),
      bufferBytes: fc.constantFrom(0, 100_000, 2 ** 22),
      seed: fc.nat(1_000),
    });
    fc.assert(
      fc.property(path, ({ transferMs, ...rest }) => {
        const paintMs = 3;
        const bitsPerSecond = ((rest.bytes + 80) * 8_000) / transferMs;
        // Three seconds; on a link that is slower than that, a few frames.
        const fromMs = Math.max(3_000, 8 * transferMs + 4 * rest.roundTripMs);
        const toMs = fromMs + Math.max(20_000, 40 * transferMs);
        const shown = run({ bitsPerSecond, ...rest }, { paintMs }, toMs);
        const { rate, maxMs } = figures(shown, fromMs, toMs);
        // What the viewer does with a frame is not the link's; answers about the time are small frames, too.
        const besidesMs = paintMs + (2 * 140 * transferMs) / rest.bytes;
        expect(maxMs).toBeLessThanOrEqual(transferMs + rest.roundTripMs + 2_000 / rest.rate + besidesMs);
        expect(rate).toBeGreaterThanOrEqual(0.9 * Math.min(rest.rate, 1_000 / transferMs) - 0.1);
      }),
      { numRuns: 150 },
    );
  }, 60_000);
});

describe("where the queue holds hardly a frame, and TCP loses the end of one that finds the link idle", () => {
  const burst = (bytes: number): Burst => ({ queueBytes: bytes, timeoutMs: 260, restartMs: 20 });

  test("8 Mbit/s and 100 kB at 30/s: nearly ten frames a second all the same", () => {
    const path = { bitsPerSecond: 8e6, roundTripMs: 1, burst: burst(96_000) };
    const { rate, p50Ms, p99Ms } = figures(run(path, {}, 123_000), 3_000, 123_000);
    expect(rate).toBeGreaterThanOrEqual(9);
    expect(p50Ms).toBeLessThanOrEqual(129);
    expect(p99Ms).toBeLessThan(200);
  });

  test.each([0.5e6, 1e6, 4e6, 16e6])("%i bit/s: as many frames as it carries", (bitsPerSecond) => {
    const path = { bitsPerSecond, roundTripMs: 4, burst: burst(90_000), jitterMs: 3, spread: 0.05 };
    const transferMs = 8e8 / bitsPerSecond;
    const [fromMs, toMs] = [Math.max(3_000, 8 * transferMs), 120_000];
    const { rate, p50Ms } = figures(run(path, {}, toMs), fromMs, toMs);
    expect(rate).toBeGreaterThan((0.9 * 1_000) / transferMs - 0.1);
    expect(p50Ms).toBeLessThan(1.15 * transferMs + 67);
  });

  test("a moment without a frame does not make it cold for good", () => {
    const rates = [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 10_000, bitsPerSecond: 0 },
      { fromMs: 13_000, bitsPerSecond: 8e6 },
    ];
    const plan = { rates, latencyMs: 1, burst: burst(96_000) };
    const shown = watch({ name: "jpeg", bytes: 100_000, rate: 30 }, plan, { paintMs: 4 }, 30_000);
    expect(figures(shown, 15_000, 30_000).rate).toBeGreaterThanOrEqual(9);
  });

  test("after two hours it is as it was after ten seconds", () => {
    const path = { bitsPerSecond: 8e6, roundTripMs: 30, jitterMs: 5, spread: 0.1, burst: burst(96_000) };
    const shown = run(path, {}, 7_200_000);
    const [first, last] = [figures(shown, 10_000, 600_000), figures(shown, 6_600_000, 7_200_000)];
    expect(Math.abs(last.rate - first.rate)).toBeLessThan(0.1);
    expect(Math.abs(last.p99Ms - first.p99Ms)).toBeLessThan(10);
  }, 30_000);
});

test("a slow viewer is not sent what it cannot paint", () => {
  const { rate, p99Ms } = figures(
    run({ bitsPerSecond: 1e9, roundTripMs: 2 }, { paintMs: 100 }, 63_000),
    3_000,
    63_000,
  );
  expect(rate).toBeGreaterThan(9);
  expect(p99Ms).toBeLessThan(145);
});

test("transfer and painting go on at the same time", () => {
  const { rate } = figures(
    run({ bitsPerSecond: 16e6, roundTripMs: 20 }, { paintMs: 45 }, 63_000),
    3_000,
    63_000,
  );
  expect(rate).toBeGreaterThan(17.5);
});

test("a link that becomes narrow loses its queue, and a wide one is used again", () => {
  const rates = [
    { fromMs: 0, bitsPerSecond: 100e6 },
    { fromMs: 15_000, bitsPerSecond: 5e6 },
    { fromMs: 30_000, bitsPerSecond: 100e6 },
  ];
  const shown = watch(
    { name: "jpeg", bytes: 100_000, rate: 30 },
    { rates, latencyMs: 100 },
    { paintMs: 4 },
    60_000,
  );
  expect(figures(shown, 15_000, 18_000).maxMs).toBeLessThan(1_700);
  const narrow = figures(shown, 18_000, 30_000);
  expect(narrow.rate).toBeGreaterThan(5.6);
  expect(narrow.maxMs).toBeLessThan(160 + 200 + 67);
  expect(figures(shown, 32_000, 60_000).rate).toBeGreaterThan(29);
});

test("clocks may differ by any amount", () => {
  const path = { bitsPerSecond: 20e6, roundTripMs: 60 };
  const ages = (offsetMs: number): number[] =>
    run(path, { offsetMs }, 10_000).map(({ ageMs }) => Math.round(ageMs));
  expect(ages(-86_400_000)).toEqual(ages(0));
});

test("frames missing at the sender are no reason to grow without end", () => {
  const { rate, maxMs, windowFrames } = figures(
    run({ bitsPerSecond: 1e9, roundTripMs: 4, every: 3 }, {}, 120_000),
    3_000,
    120_000,
  );
  expect(windowFrames).toBeLessThan(5);
  expect(rate).toBeGreaterThan(9);
  expect(maxMs).toBeLessThan(20);
});

test.each([0, 20, 45, 70, 95])(
  "a link that becomes sixteen times as slow, %i ms into a frame: of what comes, one is older than a transfer",
  (atMs) => {
    const rates = [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 8_000 + atMs, bitsPerSecond: 0.5e6 },
    ];
    const plan: LinkPlan = { rates, latencyMs: 1, jitterMs: 0, seed: 1, bufferBytes: 2 ** 22 };
    const shown = watch({ name: "jpeg", bytes: 100_000, rate: 30 }, plan, { paintMs: 4 }, 30_000);
    const old = shown.filter(({ ageMs }) => ageMs > 1_700);
    expect(old.length).toBeLessThanOrEqual(1);
    // It was asked for before anything was wrong.
    expect(figures(shown, 0, 30_000).maxMs).toBeLessThan(3_000);
  },
);

test("noise does not starve a far viewer", () => {
  const shown = run({ bitsPerSecond: 400e6, roundTripMs: 200, jitterMs: 25 }, {}, 40_000);
  expect(figures(shown, 3_000, 40_000).rate).toBeGreaterThan(28);
});

test.each([60, 120, 250])("stalls of %i ms do not starve a far viewer", (stallMs) => {
  const shown = run({ bitsPerSecond: 400e6, roundTripMs: 200 }, { stallMs }, 40_000);
  expect(figures(shown, 10_000, 40_000).rate).toBeGreaterThan((28 * (1_500 - stallMs)) / 1_500 - 2);
});

test("once in a while it waits until nothing is on the way, and says so", () => {
  const window = new Window(0);
  const breaths: number[] = [];
  let atMs = 0;
  let sequence = 0;
  // A link that takes 100 ms, asked on time.
  for (let n = 0; n < 100; n++) {
    atMs += 100;
    sequence += 3;
    window.arrived({ sequence, capturedAtMs: sequence * 33, bytes: 100 }, atMs, 0);
    window.painted(100, atMs);
    window.done(sequence);
    const asked = window.ask(atMs);
    if (asked !== undefined && window.breathing) breaths.push(atMs);
    if (window.waiting) window.ask(atMs + window.waitMs(atMs));
  }
  expect(breaths.length).toBeGreaterThanOrEqual(2);
  expect(breaths.length).toBeLessThanOrEqual(4);
});

test("it starts with two frames, and asks for the next when one is done with", () => {
  const window = new Window(0);
  expect(window.frames).toBe(START_WINDOW_FRAMES);
  expect(window.waiting).toBe(false);
  window.arrived({ sequence: 7, capturedAtMs: 0, bytes: 100 }, 20);
  window.painted(20, 25);
  window.done(7);
  expect(window.waiting).toBe(true);
  expect(window.ask(25)).toBe(2);
  expect(window.waiting).toBe(false);
});

test("a camera that starts again from 0 is not a gap", () => {
  const window = new Window(0);
  for (const sequence of [4_000_000_000, 4_000_000_001, 0, 1, 2, 3, 4, 5]) {
    window.arrived({ sequence, capturedAtMs: sequence, bytes: 100 }, 10);
    window.painted(10, sequence % 1000);
    window.done(sequence);
    window.ask(10);
  }
  expect(window.frames).toBe(START_WINDOW_FRAMES);
});

test("frames of one instant say nothing of the camera's interval, and the window stays what it is", () => {
  const window = new Window(0);
  for (const sequence of [1, 3, 5, 7]) {
    window.arrived({ sequence, capturedAtMs: 0, bytes: 100 }, 0, 0);
    window.painted(0, 0);
    window.done(sequence);
    window.ask(0);
  }
  expect(window.frames).toBe(START_WINDOW_FRAMES);
});

test("whatever comes, the window stays within its bounds", () => {
  const frame = fc.record({
    sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    capturedAtMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    delayMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    stepMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
    roundTripMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
    bytes: fc.integer({ min: 1, max: 1e7 }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), (frames) => {
      const window = new Window(0);
      let now = 0;
      for (const { delayMs, stepMs, roundTripMs, ...arrived } of frames) {
        now += stepMs;
        window.arrived(arrived, now, roundTripMs);
        window.painted(delayMs, now);
        window.done(arrived.sequence);
        const asked = window.ask(now);
        for (const frames of asked === undefined ? [window.frames] : [window.frames, asked]) {
          expect(Number.isInteger(frames)).toBe(true);
          expect(frames).toBeGreaterThanOrEqual(1);
          expect(frames).toBeLessThanOrEqual(Limits.MAX_WINDOW_FRAMES);
        }
        expect(window.waitMs(now)).toBeLessThan(1e8);
      }
    }),
    { numRuns: 1_000 },
  );
});
