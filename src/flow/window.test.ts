import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Limits } from "../protocol/index.ts";
import { Credit } from "./credit.ts";
import { START_WINDOW_FRAMES, Window } from "./window.ts";

/** A camera, a link and a viewer; times in ms. */
interface Path {
  /** Frames per second of the camera. */
  readonly rate: number;
  /** One way, without the transfer itself. */
  readonly latencyMs: number;
  /** How long the link is busy with one frame, by the time. */
  readonly transferMs: (nowMs: number) => number;
  /** From arrival to paint, one frame at a time. */
  readonly paintMs: number;
  /** What the viewer's clock is ahead. */
  readonly offsetMs?: number;
  /** Every n-th captured frame reaches the sender. */
  readonly every?: number;
  /** The viewer's machine stalls this long, again and again. */
  readonly stallMs?: number;
  /** Noise added to a frame's way, 0 to this. */
  readonly jitterMs?: number;
}

interface Painted {
  readonly atMs: number;
  readonly ageMs: number;
  readonly windowFrames: number;
}

/** Run `path` for `forMs` in steps of 1 ms: the sender picks the newest frame whenever the viewer has credit. */
function run(path: Path, forMs: number): Painted[] {
  const window = new Window();
  const credit = new Credit(window.frames);
  const painted: Painted[] = [];
  const captureMs = 1000 / path.rate;
  const onTheWay: { at: number; sequence: number; captured: number }[] = [];
  const acks: { at: number; sequence: number; windowFrames: number }[] = [];
  let newest = -1;
  let sent = -1;
  let linkFreeAt = 0;
  let slot: { sequence: number; captured: number } | undefined;
  let painting: { at: number; sequence: number; captured: number } | undefined;
  let random = 1;
  const jitter = (): number => {
    random = (random * 48_271) % 0x7fff_ffff;
    return ((path.jitterMs ?? 0) * random) / 0x7fff_ffff;
  };
  for (let now = 0; now < forMs; now++) {
    const captured = Math.floor(now / captureMs);
    if (captured % (path.every ?? 1) === 0) newest = captured;
    while (acks[0] !== undefined && acks[0].at <= now) {
      const ack = acks.shift()!;
      credit.acknowledge(ack.sequence, ack.windowFrames);
    }
    // The server waits while its last frame has not left.
    if (newest > sent && credit.available && linkFreeAt <= now + path.transferMs(now)) {
      credit.spend(newest);
      sent = newest;
      linkFreeAt = Math.max(now, linkFreeAt) + path.transferMs(now);
      const at = Math.max(linkFreeAt + path.latencyMs + jitter(), onTheWay.at(-1)?.at ?? 0);
      onTheWay.push({ at, sequence: newest, captured: newest * captureMs });
    }
    if (now % 1_500 < (path.stallMs ?? 0)) continue;
    while (onTheWay[0] !== undefined && onTheWay[0].at <= now) {
      slot = onTheWay.shift()!;
      window.arrived(slot.sequence);
    }
    if (painting !== undefined && painting.at <= now) {
      const ageMs = now - painting.captured;
      window.painted(ageMs + (path.offsetMs ?? 0), now, 2 * path.latencyMs);
      painted.push({ atMs: now, ageMs, windowFrames: window.frames });
      acks.push({ at: now + path.latencyMs, sequence: painting.sequence, windowFrames: window.frames });
      painting = undefined;
    }
    if (painting === undefined && slot !== undefined) {
      painting = { ...slot, at: now + path.paintMs };
      slot = undefined;
    }
  }
  return painted;
}

function between(
  painted: readonly Painted[],
  fromMs: number,
  toMs: number,
): { rate: number; ageMs: number; windowFrames: number } {
  const part = painted.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const ages = part.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
  return {
    rate: (part.length * 1000) / (toMs - fromMs),
    ageMs: ages[Math.floor(ages.length / 2)] ?? Number.NaN,
    windowFrames: part.reduce((sum, frame) => sum + frame.windowFrames, 0) / part.length,
  };
}

describe("over a path", () => {
  test("a near viewer gets every frame with the window it started with", () => {
    const result = run({ rate: 30, latencyMs: 1, transferMs: () => 1, paintMs: 4 }, 10_000);
    const { rate, windowFrames } = between(result, 1_000, 10_000);
    expect(rate).toBeGreaterThan(29.5);
    expect(windowFrames).toBe(START_WINDOW_FRAMES);
  });

  test("a far viewer with a wide link gets every frame within seconds", () => {
    const result = run({ rate: 30, latencyMs: 100, transferMs: () => 2, paintMs: 5 }, 20_000);
    expect(between(result, 5_000, 20_000).rate).toBeGreaterThan(29);
    expect(between(result, 5_000, 20_000).ageMs).toBeLessThan(130);
  });

  test("a narrow link holds about one frame, not a queue", () => {
    // 100 kB over 8 Mbit/s: the link carries 10 frames a second, each 100 ms long.
    const result = run({ rate: 30, latencyMs: 2, transferMs: () => 100, paintMs: 5 }, 60_000);
    const { rate, ageMs } = between(result, 5_000, 60_000);
    expect(rate).toBeGreaterThan(8);
    expect(ageMs).toBeLessThan(150);
  });

  test("a slow viewer is not sent what it cannot paint", () => {
    const result = run({ rate: 30, latencyMs: 2, transferMs: () => 1, paintMs: 100 }, 60_000);
    const { rate, ageMs, windowFrames } = between(result, 5_000, 60_000);
    expect(rate).toBeGreaterThan(8);
    expect(ageMs).toBeLessThan(190);
    expect(windowFrames).toBeLessThan(3);
  });

  test("a link that becomes narrow loses its queue, and a wide one is used again", () => {
    const narrow = (now: number): number => (now >= 15_000 && now < 30_000 ? 150 : 2);
    const result = run({ rate: 30, latencyMs: 100, transferMs: narrow, paintMs: 5 }, 60_000);
    expect(between(result, 20_000, 30_000).ageMs).toBeLessThan(450);
    expect(between(result, 50_000, 60_000).rate).toBeGreaterThan(28);
  });

  test("clocks may differ by any amount", () => {
    const path = { rate: 30, latencyMs: 100, transferMs: () => 2, paintMs: 5 };
    const far = run(path, 10_000).map(({ windowFrames }) => windowFrames);
    expect(run({ ...path, offsetMs: -86_400_000 }, 10_000).map(({ windowFrames }) => windowFrames)).toEqual(
      far,
    );
  });

  test("frames missing at the sender are no reason to grow without end", () => {
    const result = run({ rate: 30, every: 3, latencyMs: 2, transferMs: () => 1, paintMs: 5 }, 120_000);
    expect(result.at(-1)!.windowFrames).toBeLessThan(12);
  });

  test("noise does not starve a far viewer", () => {
    const result = run({ rate: 30, latencyMs: 100, transferMs: () => 2, paintMs: 5, jitterMs: 25 }, 40_000);
    expect(between(result, 10_000, 40_000).rate).toBeGreaterThan(25);
  });
});

test.each([60, 120, 250])("stalls of %i ms do not starve a far viewer", (stallMs) => {
  const result = run({ rate: 30, latencyMs: 100, transferMs: () => 2, paintMs: 5, stallMs }, 40_000);
  expect(between(result, 10_000, 40_000).rate).toBeGreaterThan((28 * (1_500 - stallMs)) / 1_500 - 1);
});

test("one late frame is a hiccup, two are a queue", () => {
  const window = new Window();
  let now = 0;
  const frame = (delayMs: number): void => {
    now += 33;
    window.arrived(now / 33);
    window.painted(delayMs, now);
  };
  for (let i = 0; i < 10; i++) frame(20);
  frame(120);
  frame(20);
  expect(window.frames).toBe(2);
  frame(120);
  frame(120);
  expect(window.frames).toBe(1);
});

test("a camera that starts again from 0 is not a gap", () => {
  const window = new Window();
  for (const sequence of [4_000_000_000, 4_000_000_001, 0, 1, 2, 3, 4, 5]) {
    window.arrived(sequence);
    window.painted(10, sequence % 1000);
  }
  expect(window.frames).toBe(START_WINDOW_FRAMES);
});

test("whatever comes, the window stays within its bounds", () => {
  const frame = fc.record({
    sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
    delayMs: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
    stepMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 200 }), (frames) => {
      const window = new Window();
      let now = 0;
      for (const { sequence, delayMs, stepMs } of frames) {
        now += stepMs;
        window.arrived(sequence);
        window.painted(delayMs, now);
        expect(Number.isInteger(window.frames)).toBe(true);
        expect(window.frames).toBeGreaterThanOrEqual(1);
        expect(window.frames).toBeLessThanOrEqual(Limits.MAX_WINDOW_FRAMES);
      }
    }),
  );
});
