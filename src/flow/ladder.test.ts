import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { STEPS } from "../../test/support/ladder-steps.ts";
import type { TrackPlan } from "../../test/support/simulated-hub.ts";
import { type Climb, climb, figures, type ViewerPlan } from "../../test/support/simulated-viewer.ts";
import { Ladder } from "./ladder.ts";
import type { Signs } from "./vitals.ts";

const RUNGS = STEPS.map(({ rung }) => rung);

type Rates = Parameters<typeof climb>[2]["rates"];

function run(
  rates: number | Rates,
  latencyMs: number,
  forMs: number,
  viewer: ViewerPlan = {},
  jitterMs = 0,
): Climb {
  const tracks = STEPS.map(({ track }) => track);
  const plan = typeof rates === "number" ? [{ fromMs: 0, bitsPerSecond: rates }] : rates;
  return climb(tracks, RUNGS, { rates: plan, latencyMs, jitterMs }, { paintMs: 4, ...viewer }, forMs);
}

const last = ({ moves }: Climb): string | undefined => moves.at(-1)?.track;

describe("over a constant link", () => {
  test("8 Mbit/s carries the best: it stays", () => {
    const climbed = run(8e6, 5, 600_000);
    const { rate, p99Ms } = figures(climbed.shown, 3_000, 600_000);
    expect(climbed.moves.map(({ track }) => track)).toEqual(["h264"]);
    expect(rate).toBeGreaterThan(29);
    expect(p99Ms).toBeLessThan(150);
  });

  test.each([0, 20])("1 Mbit/s and 200 ms (± %i ms): a smaller one, fresh over ten minutes", (jitterMs) => {
    const climbed = run(1e6, 100, 600_000, {}, jitterMs);
    const { rate, p99Ms } = figures(climbed.shown, 0, 600_000);
    expect(rate).toBeGreaterThan(28);
    expect(p99Ms).toBeLessThan(450);
    expect(last(climbed)).toBe("h264-270p");
    const [first, later] = [
      figures(climbed.shown, 60_000, 120_000),
      figures(climbed.shown, 540_000, 600_000),
    ];
    expect(later.p50Ms).toBeLessThan(first.p50Ms + 10);
  });

  test("100 Mbit/s and 200 ms: the best, from the beginning", () => {
    const climbed = run(100e6, 100, 60_000);
    expect(climbed.moves).toHaveLength(1);
    expect(figures(climbed.shown, 1_000, 60_000).rate).toBeGreaterThan(29);
  });

  test.each([120e3, 50e3, 30e3])("%i bit/s carry no video: small pictures, but of now", (bitsPerSecond) => {
    const climbed = run(bitsPerSecond, 30, 600_000, { startBps: 1e6 });
    expect(last(climbed)).toBe("jpeg-135p");
    // A picture takes that long.
    const transferMs = (4_400 * 8_000) / bitsPerSecond;
    const { p50Ms, rate } = figures(climbed.shown, 60_000, 600_000);
    expect(p50Ms).toBeLessThan(1.2 * transferMs + 100);
    expect(rate).toBeGreaterThan(0.75 * (1_000 / transferMs));
  });

  test("changes become rare, and the track is the best that the link can carry, or the one below", () => {
    const link = fc.record({
      megabits: fc.double({ min: -0.3, max: 2, noNaN: true }).map((exponent) => 10 ** exponent),
      latencyMs: fc.integer({ min: 1, max: 120 }),
      jitterMs: fc.constantFrom(0, 5, 15),
    });
    fc.assert(
      fc.property(link, ({ megabits, latencyMs, jitterMs }) => {
        const climbed = run(megabits * 1e6, latencyMs, 900_000, {}, jitterMs);
        const { moves, shown } = climbed;
        const between = (fromMs: number, toMs: number): number =>
          moves.filter(({ atMs }) => atMs > fromMs && atMs <= toMs).length;
        expect(moves.length).toBeLessThan(40);
        expect(between(450_000, 900_000)).toBeLessThan(10);
        // What was shown most of the time.
        const counts = new Map<string, number>();
        for (const { track } of shown) counts.set(track, (counts.get(track) ?? 0) + 1);
        const [main] = [...counts].sort((a, b) => b[1] - a[1])[0]!;
        const fits = RUNGS.findIndex(({ still: s, needBps }) => !s && needBps <= 0.95 * megabits * 1e6);
        // Below the smallest video are stills, of the size that the link carries: all of them are one step.
        const used = Math.min(
          RUNGS.findIndex(({ name }) => name === main),
          RUNGS.findIndex(({ still: s }) => s),
        );
        expect(used).toBeLessThanOrEqual(Math.max(fits, 0) + 1);
        expect(figures(shown, 10_000, 900_000).p50Ms).toBeLessThan(2 * latencyMs + 2 * jitterMs + 150);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 120_000);
});

test("8 to 0.5 Mbit/s for ten seconds and back: a bounded age, few changes, and the best again soon after", () => {
  const { moves, shown } = run(
    [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 20_000, bitsPerSecond: 0.5e6 },
      { fromMs: 30_000, bitsPerSecond: 8e6 },
    ],
    10,
    90_000,
  );
  expect(moves[1]!.atMs).toBeLessThan(21_000);
  const slump = figures(shown, 20_000, 32_000);
  expect(slump.maxMs).toBeLessThan(1_600);
  expect(slump.gapMs).toBeLessThan(2_200);
  expect(moves.length).toBeLessThanOrEqual(8);
  expect(moves.at(-1)!.track).toBe("h264");
  expect(moves.at(-1)!.atMs).toBeLessThan(37_000);
});

test.each([60_000, 300_000])("after a slump of %i ms the best is back as soon", (slumpMs) => {
  const { moves } = run(
    [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 20_000, bitsPerSecond: 0.5e6 },
      { fromMs: 20_000 + slumpMs, bitsPerSecond: 8e6 },
    ],
    10,
    60_000 + slumpMs,
  );
  expect(moves.at(-1)!.track).toBe("h264");
  expect(moves.at(-1)!.atMs - slumpMs - 20_000).toBeLessThan(15_000);
});

test("a link that saves up, and so carries large frames at once, is tried ever less", () => {
  const plan = { rates: [{ fromMs: 0, bitsPerSecond: 1e6 }], latencyMs: 20, bucketBytes: 100_000 };
  const tracks = STEPS.map(({ track }) => track);
  const { moves } = climb(tracks, RUNGS, plan, { paintMs: 4 }, 600_000);
  expect(moves.filter(({ atMs }) => atMs > 300_000).length).toBeLessThan(6);
});

test("a decoder that is too slow gets less to do, though the link would carry more", () => {
  const paintMsOf = ({ name }: TrackPlan): number => (name === "h264" ? 60 : name === "h264-540p" ? 20 : 5);
  const climbed = run(100e6, 5, 600_000, { paintMs: 0, paintMsOf });
  expect(climbed.moves[1]).toMatchObject({ track: "h264-540p", reason: "decoder" });
  expect(climbed.moves[1]!.atMs).toBeLessThan(1_500);
  expect(last(climbed)).toBe("h264-540p");
  expect(climbed.moves.length).toBeLessThan(14);
});

test("a stall of two seconds is over when it is over", () => {
  const { moves, shown } = run(
    [
      { fromMs: 0, bitsPerSecond: 8e6 },
      { fromMs: 20_000, bitsPerSecond: 0 },
      { fromMs: 22_000, bitsPerSecond: 8e6 },
    ],
    10,
    60_000,
  );
  expect(figures(shown, 23_000, 60_000).p99Ms).toBeLessThan(200);
  expect(moves.at(-1)!.track).toBe("h264");
});

test("pictures left out that no other needs are no trouble", () => {
  const plan = { rates: [{ fromMs: 0, bitsPerSecond: 50e6 }], latencyMs: 10 };
  const tracks = STEPS.map(({ track }) => ({ ...track, discardableEvery: 2 }));
  const { moves } = climb(tracks, RUNGS, plan, { paintMs: 4, stallMs: 200 }, 300_000);
  expect(moves.map(({ track }) => track)).toEqual(["h264"]);
});

const FINE: Signs = {
  lateMs: 5,
  receivedBps: 1e6,
  carriedBps: 1e6,
  provenBps: 1e6,
  broken: 0,
  skipped: 0,
  frameBytes: 4_000,
  intervalMs: 33,
  workMs: 5,
  beganAtMs: 0,
};

const NEAR = { catchingUp: false, openMs: 0, roundTripMs: 1 };

describe("by hand", () => {
  test("a view that grows is not kept waiting", () => {
    const ladder = new Ladder(5e6);
    ladder.offer(RUNGS.slice(2), 0);
    expect(ladder.track).toBe("h264-270p");
    ladder.look(FINE, NEAR, 10_000);
    expect(ladder.reason).toBe("best");
    ladder.offer(RUNGS, 10_000);
    ladder.look(FINE, NEAR, 10_100);
    expect(ladder.track).toBe("h264-540p");
  });

  test("while others try nothing is tried, and then it is not late", () => {
    const ladder = new Ladder(5e6);
    ladder.offer(RUNGS.slice(2), 0);
    ladder.look(FINE, NEAR, 10_000);
    ladder.offer(RUNGS, 10_000);
    for (let nowMs = 10_100; nowMs < 60_000; nowMs += 100)
      ladder.look(FINE, { ...NEAR, mayTry: false }, nowMs);
    expect([ladder.track, ladder.switches]).toEqual(["h264-270p", 0]);
    ladder.look(FINE, NEAR, 60_000);
    expect([ladder.track, ladder.reason]).toEqual(["h264-540p", "probe"]);
  });

  test("a link that has got better is trusted sooner", () => {
    const triedAfterMs = (provenBps: number): number => {
      const ladder = new Ladder(5e6);
      ladder.offer(RUNGS, 0);
      // It carries 0.5 Mbit/s, and then nobody knows.
      let now = 0;
      for (; ladder.track === "h264"; now += 100)
        ladder.look({ ...FINE, lateMs: 500 + now, carriedBps: 0.5e6 }, NEAR, now);
      expect(ladder.track).toBe("h264-180p");
      const fellAtMs = now;
      for (; ladder.track === "h264-180p"; now += 100)
        ladder.look({ ...FINE, carriedBps: 0.2e6, provenBps, beganAtMs: fellAtMs }, NEAR, now);
      const movedAtMs = now;
      for (const { track } = ladder; ladder.track === track; now += 100)
        ladder.look({ ...FINE, carriedBps: 0.2e6, provenBps, beganAtMs: movedAtMs }, NEAR, now);
      return now - movedAtMs;
    };
    expect(triedAfterMs(2e6)).toBeLessThan(2_500);
    expect(triedAfterMs(0.2e6)).toBeGreaterThan(4_500);
  });

  test.each([
    ["leads back to where it began", 1.85e6, "h264-540p"],
    ["of a link that has become slow does not", 1e6, "h264-270p"],
  ])("a trial that fails %s", (_, carriedBps, track) => {
    const ladder = new Ladder(3e6);
    ladder.offer(RUNGS, 0);
    let now = 0;
    for (; ladder.track === "h264-540p"; now += 100) ladder.look(FINE, NEAR, now);
    expect([ladder.track, ladder.reason]).toEqual(["h264", "probe"]);
    for (; ladder.track === "h264"; now += 100)
      ladder.look({ ...FINE, lateMs: 500 + now, carriedBps }, NEAR, now);
    expect(ladder.track).toBe(track);
  });

  test("what failed again soon after it was forgiven is forgiven no more before its time", () => {
    const ladder = new Ladder(5e6);
    ladder.offer(RUNGS, 0);
    let now = 0;
    const fall = (): void => {
      for (const { track } = ladder; ladder.track === track; now += 100)
        ladder.look({ ...FINE, lateMs: 500 + now, carriedBps: 0.3e6, beganAtMs: now - 2_000 }, NEAR, now);
    };
    // Milliseconds until the best is tried again.
    const waitedMs = (provenBps: number): number => {
      const fellAtMs = now;
      for (; ladder.track !== "h264"; now += 100)
        ladder.look({ ...FINE, carriedBps: 0.3e6, provenBps, beganAtMs: fellAtMs - 2_000 }, NEAR, now);
      return now - fellAtMs;
    };
    const [much, little] = [20e6, 0.5e6];
    fall();
    expect(waitedMs(much)).toBeLessThan(2_000);
    fall();
    expect(waitedMs(little)).toBeGreaterThan(15_000);
    fall();
    // Half of a first wait, for proof is more than the trial had.
    expect(waitedMs(much)).toBeGreaterThan(2_500);
  });

  test("pictures that are too much, with nothing smaller, are tried larger again, and ever less", () => {
    const ladder = new Ladder(5e6);
    ladder.offer(RUNGS.slice(-2), 0);
    const moves: string[] = [];
    let sinceMs = 0;
    const run = (forMs: number, workMs: number): void => {
      const untilMs = now + forMs;
      for (; now < untilMs; now += 100) {
        const { switches } = ladder;
        ladder.look({ ...FINE, provenBps: 5e6, workMs, beganAtMs: sinceMs - 1_000 }, NEAR, now);
        if (ladder.switches === switches) continue;
        sinceMs = now;
        moves.push(`${ladder.track} ${ladder.reason}`);
      }
    };
    let now = 0;
    run(60_000, 48);
    expect(moves.slice(0, 3)).toEqual(["jpeg-135p decoder", "jpeg-270p probe", "jpeg-135p decoder"]);
    run(3_600_000, 48);
    expect(moves.length).toBeLessThan(20);
    run(1_800_000, 5);
    expect([ladder.track, ladder.reason]).toEqual(["jpeg-270p", "best"]);
  });

  test("a video that is too much for the decoder, with nothing smaller, still falls for the link, and never rises", () => {
    const ladder = new Ladder(0.3e6);
    ladder.offer(RUNGS.slice(3), 0);
    ladder.look(FINE, NEAR, 5_000);
    ladder.offer(RUNGS, 5_000);
    let now = 5_100;
    for (; now < 60_000; now += 100) ladder.look({ ...FINE, provenBps: 20e6, workMs: 60 }, NEAR, now);
    expect([ladder.track, ladder.switches]).toEqual(["h264-180p", 0]);
    for (const untilMs = now + 1_000; now < untilMs; now += 100)
      ladder.look({ ...FINE, lateMs: 500, carriedBps: 0.2e6, workMs: 60 }, NEAR, now);
    expect([ladder.track, ladder.reason]).toEqual(["jpeg-135p", "link"]);
  });

  test("a view that shrinks takes the best that is left", () => {
    const ladder = new Ladder(5e6);
    ladder.offer(RUNGS, 0);
    ladder.offer(RUNGS.slice(2), 1_000);
    expect([ladder.track, ladder.reason, ladder.switches]).toEqual(["h264-270p", "size", 1]);
  });

  test("without small stills a video that is too much is still better than pictures that are more", () => {
    const ladder = new Ladder(5e6);
    const [best, , , , jpeg] = RUNGS;
    ladder.offer([{ ...best!, needBps: 1e6 }, jpeg!], 0);
    for (let now = 0; now < 20_000; now += 100) {
      ladder.look({ ...FINE, lateMs: 500, carriedBps: 0.5e6 }, NEAR, now);
    }
    expect([ladder.track, ladder.switches]).toEqual(["h264", 0]);
  });

  test("nothing to choose from is no reason to forget", () => {
    const ladder = new Ladder(5e6);
    ladder.offer([], 0);
    expect(ladder.track).toBeUndefined();
    ladder.offer(RUNGS, 0);
    ladder.offer([], 10);
    expect([ladder.track, ladder.switches]).toEqual(["h264", 0]);
  });
});
