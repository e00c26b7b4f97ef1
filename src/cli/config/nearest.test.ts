import fc from "fast-check";
import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const KNOWN = ["port", "host", "token", "tls", "tlsCert", "logLevel", "allowOrigin", "cameras"];

test.each([
  ["prot", "port"],
  ["hots", "host"],
  ["log-level", "logLevel"],
  ["allow_origin", "allowOrigin"],
  ["ALLOWORIGINS", "allowOrigin"],
  ["camera", "cameras"],
  ["tlscert", "tlsCert"],
  ["ports", "port"],
  ["tsl", "tls"],
])("%s is a slip of %s", (word, meant) => {
  expect(nearest(word, KNOWN)).toBe(meant);
});

test.each(["", "colour", "x", "microphone", "hp"])("%s is a slip of none", (word) => {
  expect(nearest(word, KNOWN)).toBeUndefined();
});

test("a word is nearest to itself, and every letter less or more still finds it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...KNOWN), fc.nat(), fc.constantFrom("q", "z"), (word, place, letter) => {
      const at = place % word.length;
      expect(nearest(word, KNOWN)).toBe(word);
      if (word.length < 4) return;
      expect(nearest(word.slice(0, at) + word.slice(at + 1), KNOWN)).toBe(word);
      expect(nearest(word.slice(0, at) + letter + word.slice(at), KNOWN)).toBe(word);
    }),
  );
});
