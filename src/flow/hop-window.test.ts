import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HopWindow } from "./hop-window.ts";

/** A way with a rate and a round trip, and a camera that offers a frame every `intervalMs`; what is not sent is replaced. */
function play(
  way: { bytesPerMs: number; tripMs: number },
  bytes: number,
  intervalMs: number,
  totalMs = 20_000,
) {
  const window = new HopWindow();
  const onWay: { sentAtMs: number; doneAtMs: number }[] = [];
  let freeAtMs = 0;
  let waiting = false;
  let sent = 0;
  let worstMs = 0;
  const send = (nowMs: number): void => {
    if (!waiting || !window.isOpen) return;
    if (window.shouldProbe(nowMs)) window.probed(way.tripMs, nowMs);
    waiting = false;
    window.sent(bytes, nowMs);
    freeAtMs = Math.max(freeAtMs, nowMs) + bytes / way.bytesPerMs;
    onWay.push({ sentAtMs: nowMs, doneAtMs: freeAtMs + way.tripMs });
    sent++;
  };
  for (let nowMs = 0; nowMs < totalMs; nowMs++) {
    while (onWay[0] !== undefined && onWay[0].doneAtMs <= nowMs) {
      const done = onWay.shift();
      window.confirmed(nowMs);
      if (nowMs > totalMs / 4) worstMs = Math.max(worstMs, nowMs - (done?.sentAtMs ?? nowMs));
      send(nowMs);
    }
    if (nowMs % intervalMs === 0) waiting = true;
    send(nowMs);
  }
  return { perSecond: (1000 * sent) / totalMs, worstMs, frames: window.frames };
}

describe("the window of a hop", () => {
  test("is wide enough for a way with delay: every frame goes", () => {
    const { perSecond } = play({ bytesPerMs: 12_500, tripMs: 150 }, 100_000, 33);
    expect(perSecond).toBeGreaterThan(28);
  });

  test("is one frame where the way is full: the others wait where newer ones replace them", () => {
    const { perSecond, worstMs } = play({ bytesPerMs: 1000, tripMs: 1 }, 100_000, 33);
    expect(perSecond).toBeGreaterThan(9);
    expect(worstMs).toBeLessThan(210);
  });

  test("never lets a queue grow beyond half a round trip and a few frames, on any way", () => {
    const rate = fc.integer({ min: 200, max: 20_000 });
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1000, max: 200_000 }),
        (bytesPerMs, tripMs, bytes) => {
          const { worstMs } = play({ bytesPerMs, tripMs }, bytes, 33, 8000);
          expect(worstMs).toBeLessThan(1.5 * tripMs + 15 + 4 * (bytes / bytesPerMs));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("bounds what is on the way in bytes, but lets one frame go however large it is", () => {
    const window = new HopWindow();
    window.probed(100, 0);
    for (let round = 0; round < 50; round++) {
      while (window.isOpen) window.sent(1, round);
      while (window.bytes > 0) window.confirmed(round + 1);
    }
    expect(window.frames).toBeGreaterThan(8);
    window.sent(16 * 1024 * 1024, 100);
    expect(window.isOpen).toBe(false);
    window.confirmed(101);
    expect(window.isOpen).toBe(true);
    expect(window.bytes).toBe(0);
  });
});
