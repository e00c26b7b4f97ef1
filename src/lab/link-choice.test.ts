import { describe, expect, test } from "vitest";
import { chooseLink } from "./link-choice.ts";

const NARROW = { name: "narrow", link: { bitsPerSecond: 8e6 } };
const FAR = { name: "far", link: { bitsPerSecond: 8e6, roundTripMs: 200 } };

describe("what plays a link, when nothing is asked for", () => {
  test("is the kernel where it can", () => {
    expect(chooseLink(NARROW, undefined, undefined).kind).toBe("netns");
  });

  test("is the proxy where the kernel cannot play the scenario, or nothing at all, and says why", () => {
    expect(chooseLink(FAR, undefined, undefined)).toEqual({
      kind: "proxy",
      why: "not netns: the kernel's tbf delays nothing",
    });
    expect(chooseLink(NARROW, undefined, "no root")).toEqual({ kind: "proxy", why: "not netns: no root" });
  });
});

describe("what is asked for", () => {
  test("is taken", () => {
    expect(chooseLink(NARROW, "proxy", undefined).kind).toBe("proxy");
    expect(chooseLink(NARROW, "netns", undefined).kind).toBe("netns");
  });

  test("is refused in a sentence where it cannot be, and nothing else is put in its place", () => {
    expect(() => chooseLink(NARROW, "netns", "no root")).toThrow("--link netns: no root");
    expect(() => chooseLink(FAR, "netns", undefined)).toThrow(
      "--link netns: far cannot be played on it: the kernel's tbf delays nothing",
    );
  });
});
