import { describe, expect, test } from "vitest";
import type { Measurement } from "./measure.ts";
import { plotOf, type Result, tableOf } from "./report.ts";
import { type Sample, type Showing, summarize } from "./samples.ts";
import type { Scenario } from "./scenario.ts";

const NARROW: Scenario = { name: "narrow", title: "narrow", link: { bitsPerSecond: 8 }, tracks: "still" };
const SLUMP: Scenario = {
  ...NARROW,
  link: {
    bitsPerSecond: 8,
    changes: [
      { fromMs: 1_000, bitsPerSecond: 1 },
      { fromMs: 2_000, bitsPerSecond: 8 },
    ],
  },
};

function every(stepMs: number, ageMs: number, track: string): readonly Sample[] {
  return Array.from({ length: 10_000 / stepMs }, (_, i) => ({ atMs: i * stepMs, ageMs, sequence: i, track }));
}

function measured(subject: string, samples: readonly Sample[], unstamped = 0): Measurement {
  const showing: Showing = { durationMs: 10_000, samples, before: samples[0], unstamped };
  return { subject, showing, summary: summarize(showing), bytesPerSecond: 1_000_000 };
}

function result(scenario: Scenario, ...measurements: readonly Measurement[]): Result {
  return { scenario, link: "proxy", seconds: 10, measurements, notes: [] };
}

/** The cells of a program's row. */
function row(table: string, subject: string): readonly string[] {
  const line = table.split("\n").find((text) => text.startsWith(`| ${subject} |`)) ?? "";
  return line.slice(2, -2).split(" | ").slice(1);
}

test("few pictures have no p99, and a program that brings none has no ages", () => {
  const table = tableOf(
    result(
      NARROW,
      measured("many", every(40, 50, "jpeg")),
      measured("few", every(100, 50, "jpeg")),
      measured("none", []),
    ),
  );
  expect(row(table, "many").slice(1, 5)).toEqual(["50 ms", "50 ms", "50 ms", "90 ms"]);
  expect(row(table, "few").slice(1, 5)).toEqual(["50 ms", "–", "50 ms", "150 ms"]);
  expect(row(table, "none").slice(0, 5)).toEqual(["0.0", "none came", "none came", "none came", "10.00 s"]);
});

test("pictures without a stamp have a rate, no ages, and a line that says why", () => {
  const asked = result(SLUMP, measured("encoder", [], 300), measured("passer", every(40, 50, "mjpeg"), 1));
  const table = tableOf(asked);
  expect(row(table, "encoder")).toEqual([
    "30.0",
    ...Array(4).fill("not measured"),
    "8.00 Mbit/s",
    "0",
    ...Array(2).fill("not measured"),
  ]);
  expect(table).toContain("Not measured: ages of encoder: encodes anew, 300 of 300 pictures have no stamp.");
  expect(row(table, "passer")[1]).toBe("50 ms");
  expect(table).toContain("passer: 1 of 251 pictures have no stamp, and are in no age.");
  expect(plotOf(asked)).toContain(">passer</text>");
  expect(plotOf(asked)).not.toContain(">encoder</text>");
});

test("a slump tells what was there before, and when full quality was not there in time", () => {
  const table = tableOf(
    result(
      SLUMP,
      measured("good", every(40, 50, "h264")),
      measured("late", every(40, 1_200, "mjpeg")),
      measured("none", []),
    ),
  );
  expect(table).toContain("| before the slump | full quality, at most 500 ms old, again after |");
  expect(row(table, "good").slice(-2)).toEqual(["h264, up to 50 ms", "0 ms"]);
  expect(row(table, "late").slice(-2)).toEqual(["mjpeg, up to 1.20 s", "not within 8 s"]);
  expect(row(table, "none").slice(-2)).toEqual(["none came", "not within 8 s"]);
});

describe("that rivals look worse over the proxy", () => {
  const CAVEAT = /\n\n\*\*Over the proxy rivals may look many times worse than they are\.\*\* .*buffers/;
  const of = (scenario: Scenario, ...subjects: readonly string[]): Result =>
    result(scenario, ...subjects.map((subject) => measured(subject, every(100, 40, "jpeg"))));

  test("is said under their table, and where they look as they are", () => {
    expect(tableOf(of(NARROW, "hello-websocket", "go2rtc"))).toMatch(CAVEAT);
    expect(tableOf(of(NARROW, "go2rtc"))).toMatch(/Compare on `--link netns`\.$/);
    const far = { ...NARROW, link: { roundTripMs: 200 } };
    expect(tableOf(of(far, "go2rtc"))).toMatch(/Netns cannot tell: the kernel's tbf delays nothing\.$/);
  });

  test("is not said of ours alone, nor over the kernel's link", () => {
    expect(tableOf(of(NARROW, "hello-websocket"))).not.toMatch(CAVEAT);
    const real: Result = { ...of(NARROW, "hello-websocket", "go2rtc"), link: "netns" };
    expect(tableOf(real)).not.toMatch(CAVEAT);
  });
});
