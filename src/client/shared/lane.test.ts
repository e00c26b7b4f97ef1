import { describe, expect, test } from "vitest";
import type { TrackPlan } from "../../../test/support/simulated-hub.ts";
import type { LinkPlan } from "../../../test/support/simulated-link.ts";
import { watchInTabs } from "../../../test/support/simulated-tabs.ts";
import { figures, type ViewerPlan, watch } from "../../../test/support/simulated-viewer.ts";
import { Limits } from "../../protocol/index.ts";
import { Lane } from "./lane.ts";

const JPEG: TrackPlan = { name: "jpeg", bytes: 100_000, rate: 30, spread: 0.2 };
const H264: TrackPlan = { name: "h264", bytes: 12_000, keyframeBytes: 60_000, gopFrames: 60, rate: 30 };
const QUICK: ViewerPlan = { paintMs: 4 };

function link(bitsPerSecond: number, roundTripMs: number): LinkPlan {
  return {
    rates: [{ fromMs: 0, bitsPerSecond }],
    latencyMs: roundTripMs / 2,
    jitterMs: 2,
    bufferBytes: 2 ** 22,
  };
}

/** What a viewer with a connection of its own gets. */
function alone(track: TrackPlan, plan: LinkPlan): ReturnType<typeof figures> {
  return figures(watch(track, plan, QUICK, 63_000), 5_000, 63_000);
}

function inTabs(track: TrackPlan, plan: LinkPlan, tabs: readonly ViewerPlan[]): ReturnType<typeof figures>[] {
  return watchInTabs(track, plan, tabs, 63_000).map((shown) => figures(shown, 5_000, 63_000));
}

describe("over a link that carries a third of the frames", () => {
  test.each([2, 40, 200])(
    "one tab, two and three get what a viewer alone gets, at a round trip of %i ms",
    (roundTripMs) => {
      const direct = alone(JPEG, link(8e6, roundTripMs));
      for (const tabs of [[QUICK], [QUICK, QUICK], [QUICK, QUICK, QUICK]]) {
        for (const one of inTabs(JPEG, link(8e6, roundTripMs), tabs)) {
          expect(one.rate).toBeGreaterThan(0.95 * direct.rate);
          expect(one.p50Ms).toBeLessThan(1.05 * direct.p50Ms + 5);
          expect(one.p99Ms).toBeLessThan(1.1 * direct.p99Ms + 10);
        }
      }
    },
  );

  test("a tab that paints slowly takes nothing from the other, and has the newest when it can", () => {
    const direct = alone(JPEG, link(8e6, 20));
    const [quick, slow] = inTabs(JPEG, link(8e6, 20), [QUICK, { paintMs: 400 }]);
    expect(quick!.rate).toBeGreaterThan(0.93 * direct.rate);
    expect(quick!.p99Ms).toBeLessThan(1.2 * direct.p99Ms + 20);
    expect(slow!.rate).toBeGreaterThan(2);
    // What it takes is at most one frame of the link old, and then it paints.
    expect(slow!.p99Ms).toBeLessThan(400 + 2 * direct.p50Ms + 120);
  });

  test("a tab whose machine stands still again and again slows nobody", () => {
    const direct = alone(JPEG, link(8e6, 20));
    const [quick] = inTabs(JPEG, link(8e6, 20), [QUICK, { paintMs: 4, stallMs: 1_000 }]);
    expect(quick!.rate).toBeGreaterThan(0.93 * direct.rate);
    expect(quick!.p99Ms).toBeLessThan(1.2 * direct.p99Ms + 20);
  });
});

describe("a track with deltas", () => {
  test("comes to both tabs whole, and none makes it later for the other", () => {
    for (const one of inTabs(H264, link(8e6, 40), [QUICK, { paintMs: 10 }])) {
      expect(one.rate).toBeGreaterThan(29);
      expect(one.p99Ms).toBeLessThan(150);
    }
  });

  test("goes on at its pace for the one while the other stands still", () => {
    const [quick] = inTabs(H264, link(8e6, 40), [QUICK, { paintMs: 4, stallMs: 1_000 }]);
    expect(quick!.rate).toBeGreaterThan(28);
  });

  test("is asked for one keyframe by all who wait for one, and for another when that is long enough ago", () => {
    let nowMs = 0;
    let asked = 0;
    const ignore = (): void => {};
    const lane = new Lane(
      { windowFrames: 8, stills: false, clock: { nowMs: () => nowMs, after: ignore } },
      {
        acknowledge: ignore,
        resize: ignore,
        wantKeyframe: () => asked++,
        left: ignore,
        roundTripMs: () => undefined,
      },
    );
    const tabs = [1, 2, 3].map(() => lane.join({ frame: ignore, renumbered: ignore }, 8));
    for (const tab of tabs) tab.wantKeyframe();
    expect(asked).toBe(1);
    nowMs += Limits.KEYFRAME_INTERVAL_MS;
    for (const tab of tabs) tab.wantKeyframe();
    expect(asked).toBe(2);
  });
});
