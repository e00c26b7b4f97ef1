import { describe, expect, test } from "vitest";
import { pageWith } from "./page.ts";
import type { Result } from "./report.ts";
import { type Sample, type Showing, summarize } from "./samples.ts";
import type { Scenario } from "./scenario.ts";

const samples: readonly Sample[] = [{ atMs: 100, ageMs: 40, sequence: 1, track: "jpeg" }];
const showing: Showing = { durationMs: 1_000, samples, before: samples[0], unstamped: 0 };

function result(subjects: readonly string[], more: Partial<Result> = {}): Result {
  const scenario: Scenario = {
    name: "narrow",
    title: "8 Mbit/s",
    link: { bitsPerSecond: 8e6 },
    tracks: "still",
  };
  const measurements = subjects.map((subject) => ({
    subject,
    showing,
    summary: summarize(showing),
    bytesPerSecond: 1e6,
  }));
  return { scenario, link: "proxy", seconds: 1, measurements, notes: [], ...more };
}

describe("the page of a kind of link", () => {
  const deep = { ...result([]).scenario, name: "deep", title: "a queue" };
  const first = pageWith(result(["hello-websocket"]), "", 100_000);
  const both = pageWith(result(["hello-websocket"], { scenario: deep }), first, 100_000);

  test("keeps the sections of scenarios that were not played again, as they were", () => {
    const [, section = "none"] = first.split(/^(?=## )/m);
    expect(both).toContain(section);
    expect(both.match(/^## .*/gm)).toEqual(["## narrow: 8 Mbit/s", "## deep: a queue"]);
    expect(both.match(/^# /gm)).toHaveLength(1);
  });

  test("has one section of a scenario, in its place: that of the last time", () => {
    const again = pageWith(result(["go2rtc"]), both, 100_000);
    expect(again.match(/^## .*/gm)).toEqual(["## narrow: 8 Mbit/s", "## deep: a queue"]);
    expect(again.indexOf("| go2rtc |")).toBeLessThan(again.indexOf("## deep"));
    expect(again.match(/^\| hello-websocket \|/gm)).toHaveLength(1);
  });

  test("is the same when the same is measured", () => {
    expect(pageWith(result(["hello-websocket"], { scenario: deep }), both, 100_000)).toBe(both);
  });
});
