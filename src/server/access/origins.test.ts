import { expect, test } from "vitest";
import { Origins } from "./origins.ts";

const host = "camera.local:9000";

test.each([
  [{}, false],
  [{ origin: "http://camera.local:9000" }, false],
  [{ origin: "https://camera.local:9000" }, false],
  [{ origin: "http://CAMERA.local:9000" }, false],
  [{ origin: "http://camera.local" }, true],
  [{ origin: "http://camera.local:9000.evil.example" }, true],
  [{ origin: "http://evil.example" }, true],
  [{ origin: "null" }, true],
  [{ origin: "" }, true],
  [{ "sec-fetch-site": "cross-site" }, true],
  [{ "sec-fetch-site": "same-site" }, true],
  [{ "sec-fetch-site": "same-origin" }, false],
  [{ "sec-fetch-site": "none" }, false],
])("%j is foreign: %s", (headers, foreign) => {
  expect(new Origins([]).isForeign({ host, ...headers })).toBe(foreign);
});

test("without a Host header every page is foreign", () => {
  expect(new Origins([]).isForeign({ origin: "http://camera.local:9000" })).toBe(true);
});

test("a listed origin may use the server and read its answers, and no other", () => {
  const origins = new Origins(["https://home.example:8123"]);
  const origin = "https://home.example:8123";
  expect(origins.isForeign({ host, origin })).toBe(false);
  expect(origins.isForeign({ host, origin: "https://home.example" })).toBe(true);
  expect(origins.headers(origin)).toMatchObject({ "Access-Control-Allow-Origin": origin, Vary: "Origin" });
  expect(origins.headers("https://home.example")).toEqual({ Vary: "Origin" });
  expect(origins.preflight({ origin })).toMatchObject({
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
  });
  expect(origins.preflight({ origin: "https://evil.example" })).toBeUndefined();
});

test("with none listed, nothing is said", () => {
  expect(new Origins([]).headers("https://home.example")).toEqual({});
  expect(new Origins([]).preflight({ origin: "https://home.example" })).toBeUndefined();
});
