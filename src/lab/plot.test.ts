import { expect, test } from "vitest";
import { plotAges } from "./plot.ts";

const points = Array.from({ length: 1000 }, (_, i) => ({ atMs: i * 10, ageMs: i === 501 ? 4000 : 20 }));

test("the same figures give the same small file, with a line and a name for each program", () => {
  const series = [
    { name: "ours", points },
    { name: "a<b", points: points.slice(0, 3) },
  ];
  const svg = plotAges("8 Mbit/s", series, 10_000);
  expect(svg).toBe(plotAges("8 Mbit/s", series, 10_000));
  expect(svg.match(/<polyline/g)).toHaveLength(2);
  expect(svg).toContain(">a&lt;b</text>");
  expect(svg.length).toBeLessThan(10_000);
});

test("a peak of one picture is not thinned away", () => {
  const peak = plotAges("t", [{ name: "a", points }], 10_000);
  const flat = plotAges("t", [{ name: "a", points: points.toSpliced(501, 1) }], 10_000);
  const heights = (svg: string): Set<string> =>
    new Set((/points="([^"]*)"/.exec(svg)?.[1] ?? "").split(" ").map((point) => point.split(",")[1] ?? ""));
  expect(heights(peak).size).toBe(2);
  expect(heights(flat).size).toBe(1);
});

test("a plot of nothing has no line that is none", () => {
  expect(plotAges("t", [{ name: "a", points: [] }], 1000)).not.toContain("NaN");
});
