import { expect, test } from "vitest";
import { addressOf, remaining, type ShareLink } from "./share-links.ts";

const LINK: ShareLink = {
  id: "abc",
  cameras: ["front"],
  role: "view",
  viewers: 0,
  endsAt: "2026-01-01T00:00:00.000Z",
  token: "a.b.c",
};

test("the address to give away is that of the page, below whatever path it is, and shows the one camera", () => {
  expect(addressOf(LINK, "http://host:9000/cams/?track=jpeg#x")).toBe(
    "http://host:9000/cams/?token=a.b.c#front",
  );
  expect(addressOf({ ...LINK, cameras: ["a", "b"] }, "https://host/")).toBe("https://host/?token=a.b.c");
});

test.each([
  [30_000, "1 min"],
  [20_000, "less than a minute"],
  [-5, "less than a minute"],
  [90 * 60_000, "90 min"],
  [24 * 3_600_000, "24 h"],
  [7 * 24 * 3_600_000, "7 days"],
])("%i ms are %s", (ms, text) => {
  expect(remaining(LINK.endsAt, Date.parse(LINK.endsAt) - ms)).toBe(text);
});
