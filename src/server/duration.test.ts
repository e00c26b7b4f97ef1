import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test.each([
  ["500ms", 500],
  ["2s", 2000],
  ["1.5s", 1500],
  ["0.25s", 250],
  ["1m", 60_000],
  ["24h", 86_400_000],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  "",
  "2",
  "2 s",
  "s",
  "-1s",
  "0s",
  "25h",
  "1e3s",
  "2S",
  "2sec",
  ".5s",
  "1.2345s",
  "999999999s",
  "2s ",
])("%j is none", (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
