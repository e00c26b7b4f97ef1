import type { IncomingHttpHeaders } from "node:http";
import { describe, expect, test } from "vitest";
import { Arrivals, isBasePath, type Outside, outsideOf, scopedCookie } from "./outside.ts";

const PROXIES = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];

/** A request from `peer` after it has arrived. */
function arrive(
  peer: string,
  headers: IncomingHttpHeaders,
  {
    url = "/",
    basePath = "/",
    proxies = PROXIES,
  }: { url?: string; basePath?: string; proxies?: string[] } = {},
): Outside & { readonly url: string; readonly headers: IncomingHttpHeaders } {
  const request = { url, headers: { host: "inner:9000", ...headers }, socket: { remoteAddress: peer } };
  new Arrivals({ basePath, proxies }).take(request);
  return { ...outsideOf(request), url: request.url, headers: request.headers };
}

describe("what proxies say", () => {
  const said = {
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-proto": "https",
    "x-forwarded-host": "home.example:8443",
    "x-forwarded-prefix": "/cam",
  };

  test("is believed of those that are listed", () => {
    expect(arrive("::ffff:127.0.0.1", said)).toMatchObject({
      address: "203.0.113.9",
      peer: "127.0.0.1",
      scheme: "https",
      path: "/cam/",
      trusted: true,
      headers: { host: "home.example:8443", "x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https" },
    });
  });

  test.each([
    ["of others", "192.0.2.7", PROXIES],
    ["where none is listed", "127.0.0.1", []],
  ])("is forgotten %s", (_, peer, proxies) => {
    const seen = arrive(peer, said, { proxies });
    expect(seen).toMatchObject({ address: peer, peer, scheme: "http", path: "/", trusted: false });
    expect(seen.headers).toEqual({ host: "inner:9000" });
    expect(seen.forwarded).toContain("x-forwarded-for");
  });

  test.each([
    ["one proxy", "203.0.113.9", "203.0.113.9"],
    ["what a client made up before it came", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["proxies behind proxies", "203.0.113.9, 10.1.2.3, fd00::7", "203.0.113.9"],
    ["with ports", "203.0.113.9:4711, [fd00::7]:80", "203.0.113.9"],
    ["IPv6", "2001:db8::1", "2001:db8::1"],
    ["nonsense", "unknown", "127.0.0.1"],
    ["nonsense before a proxy", "unknown, 10.1.2.3", "10.1.2.3"],
    ["nothing", "", "127.0.0.1"],
    ["only proxies", "10.1.2.3", "10.1.2.3"],
  ])("the client is the last address that is no proxy: %s", (_, header, address) => {
    expect(arrive("127.0.0.1", { "x-forwarded-for": header }).address).toBe(address);
  });

  test("of several values the nearest proxy's counts", () => {
    const seen = arrive("127.0.0.1", {
      "x-forwarded-proto": "https, http",
      "x-forwarded-host": "evil, good",
    });
    expect(seen.scheme).toBe("http");
    expect(seen.headers.host).toBe("good");
  });

  test.each(["a b", "a/b", "a\r\nb", "", "[::1", "x".repeat(300)])(
    "a host that is none is not taken: %j",
    (host) => {
      expect(arrive("127.0.0.1", { "x-forwarded-host": host }).headers.host).toBe("inner:9000");
    },
  );

  test.each(["cam", "//evil.example", "/a b", "/a;b=c", "/../x/%2e", ""])(
    "a prefix that is none is not taken: %j",
    (prefix) => {
      expect(arrive("127.0.0.1", { "x-forwarded-prefix": prefix }).path).toBe("/");
    },
  );
});

describe("a base path", () => {
  test.each([
    ["/cam/cameras/front?x=/cam/", "/cameras/front?x=/cam/"],
    ["/cam/", "/"],
    ["/cameras/front", "/cameras/front"],
    ["/", "/"],
    ["/cam", "/cam"],
    ["/camera/x", "/camera/x"],
  ])("%s is %s, whether the proxy has cut it off or not", (url, inner) => {
    expect(arrive("192.0.2.7", {}, { url, basePath: "/cam/" })).toMatchObject({ url: inner, path: "/cam/" });
  });

  test("stands behind what an outer proxy has cut off", () => {
    const headers = { "x-forwarded-prefix": "/home" };
    const seen = arrive("127.0.0.1", headers, { url: "/cam/cameras", basePath: "/cam/" });
    expect(seen).toMatchObject({ url: "/cameras", path: "/home/cam/" });
    expect(arrive("127.0.0.1", { "x-forwarded-prefix": "/cam" }, { basePath: "/cam/" }).path).toBe("/cam/");
  });

  test.each([
    ["/", true],
    ["/cam", true],
    ["/a/b-c_d.e~f/", true],
    ["cam/", false],
    ["//", false],
    ["/a//b", false],
    ["/a?b", false],
    ["/a/../b", false],
    ["/..", false],
    ["/..b", true],
  ])("%s: %s", (path, is) => expect(isBasePath(path)).toBe(is));
});

test("a cookie is for the path and the scheme by which the client came", () => {
  const cookie = "a=b; HttpOnly; Path=/; Max-Age=5";
  const secured = "a=b; HttpOnly; Path=/cam/; Max-Age=5; Secure";
  expect(scopedCookie(cookie, { path: "/cam/", scheme: "https" })).toBe(secured);
  expect(scopedCookie(`${cookie}; Secure`, { path: "/cam/", scheme: "https" })).toBe(secured);
  expect(scopedCookie("a=b; Path=/", { path: "/", scheme: "http" })).toBe("a=b; Path=/");
});
