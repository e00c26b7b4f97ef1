import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HopWindow } from "./hop-window.ts";

/** A way with a rate and a round trip, and a camera that offers a frame every `intervalMs`; what is not sent is replaced. */
function play(
  way: { bytesPerMs: number | ((nowMs: number) => number); tripMs: number },
  bytes: number,
  intervalMs: number,
  totalMs = 20_000,
) {
  const window = new HopWindow();
  const onWay: { sentAtMs: number; doneAtMs: number; capturedAtMs: number }[] = [];
  const agesMs: number[] = [];
  let freeAtMs = 0;
  let offered: number | undefined;
  let sent = 0;
  let worstMs = 0;
  const send = (nowMs: number): void => {
    if (offered === undefined || window.waitMs(nowMs) > 0) return;
    if (window.shouldProbe(nowMs)) window.probed(way.tripMs, nowMs);
    window.sent(bytes, nowMs);
    const rate = typeof way.bytesPerMs === "number" ? way.bytesPerMs : way.bytesPerMs(nowMs);
    freeAtMs = Math.max(freeAtMs, nowMs) + bytes / rate;
    onWay.push({ sentAtMs: nowMs, doneAtMs: freeAtMs + way.tripMs, capturedAtMs: offered });
    offered = undefined;
    sent++;
  };
  for (let nowMs = 0; nowMs < totalMs; nowMs++) {
    for (let done = onWay[0]; done !== undefined && done.doneAtMs <= nowMs; done = onWay[0]) {
      onWay.shift();
      window.confirmed(nowMs);
      if (nowMs > totalMs / 4) {
        worstMs = Math.max(worstMs, nowMs - done.sentAtMs);
        agesMs.push(nowMs - way.tripMs / 2 - done.capturedAtMs);
      }
      send(nowMs);
    }
    if (nowMs % intervalMs === 0) offered = nowMs;
    send(nowMs);
  }
  agesMs.sort((a, b) => a - b);
  return { perSecond: (1000 * sent) / totalMs, worstMs, ageMs: agesMs[Math.floor(agesMs.length / 2)] ?? 0 };
}

describe("the window of a hop", () => {
  test("is wide enough for a way with delay: every frame goes", () => {
    const { perSecond, worstMs } = play({ bytesPerMs: 12_500, tripMs: 150 }, 100_000, 33);
    expect(perSecond).toBeGreaterThan(29);
    expect(worstMs).toBeLessThan(170);
  });

  test.each([1, 20, 100])(
    "leaves a way that is too narrow neither idle nor a queue in front of it, with a round trip of %i ms",
    (tripMs) => {
      const { perSecond, worstMs, ageMs } = play({ bytesPerMs: 1000, tripMs }, 100_000, 33);
      expect(perSecond).toBeGreaterThan(9.7);
      expect(worstMs).toBeLessThan(tripMs + 110);
      // A frame takes 100 ms, and half a round trip; it is half an interval old when it leaves.
      expect(ageMs).toBeLessThan(100 + tripMs / 2 + 25);
    },
  );

  test("never lets a queue grow beyond a few frames, on any way, and uses it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 20_000 }),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1000, max: 200_000 }),
        (bytesPerMs, tripMs, bytes) => {
          const { worstMs, perSecond } = play({ bytesPerMs, tripMs }, bytes, 33, 12_000);
          expect(worstMs).toBeLessThan(tripMs + 5 + 3 * (bytes / bytesPerMs));
          expect(perSecond).toBeGreaterThan(0.85 * Math.min(1000 / 33, (1000 * bytesPerMs) / bytes));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("follows a way that gets narrow, and wide again", () => {
    const rate = (narrowMs: number) => (nowMs: number) => (nowMs % 10_000 < narrowMs ? 1000 : 5000);
    const { perSecond, worstMs } = play({ bytesPerMs: rate(5000), tripMs: 20 }, 100_000, 33, 40_000);
    expect(perSecond).toBeGreaterThan((10 + 30) / 2 - 2);
    expect(worstMs).toBeLessThan(20 + 3 * 100);
  });

  test("learns nothing of the way from a frame much smaller than usual", () => {
    const window = new HopWindow();
    window.probed(10, 0);
    let nowMs = 0;
    for (let frame = 0; frame < 40; frame++) {
      const bytes = frame % 4 === 0 ? 100_000 : 200;
      window.sent(bytes, nowMs);
      nowMs += 10 + bytes / 1000;
      window.confirmed(nowMs);
    }
    window.sent(100_000, nowMs);
    window.sent(100_000, nowMs);
    expect(window.waitMs(nowMs + 50)).toBeGreaterThan(0);
  });

  test("bounds what is on the way in bytes, but lets one frame go however large it is", () => {
    const window = new HopWindow();
    window.probed(100, 0);
    for (let round = 0; round < 50; round++) {
      const nowMs = 200 * round;
      window.sent(1000, nowMs);
      window.confirmed(nowMs + 101);
    }
    expect(window.frames).toBeGreaterThan(8);
    window.sent(16 * 1024 * 1024, 10_000);
    expect(window.waitMs(10_001)).toBe(Number.POSITIVE_INFINITY);
    window.confirmed(10_200);
    expect(window.waitMs(10_201)).toBe(0);
    expect(window.bytes).toBe(0);
  });
});
