import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { MemoryBus } from "../../bus/index.ts";
import type { Edge } from "../edge.ts";
import { issue, makeAuthority } from "./authority.ts";
import { GivenCertificate } from "./given-certificate.ts";
import type { KeyPair } from "./key-pair.ts";
import { scopeOf } from "./scope.ts";
import { runSecure } from "./secure-server.ts";

const NAMES = { names: ["localhost"], addresses: ["127.0.0.1"] };
const TOKEN = "secret-token";

let authority: KeyPair;
let pair: KeyPair;
let stop: () => Promise<void> = async () => {};
beforeAll(async () => {
  authority = await makeAuthority("a <test>", scopeOf(NAMES));
  pair = await issue(authority, NAMES);
});
afterEach(() => stop());

interface Seen {
  readonly status: number | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function start(
  edge: Edge = {},
): Promise<(path: string, headers?: Record<string, string>) => Promise<Seen>> {
  const pageDirectory = mkdtempSync(join(tmpdir(), "hello-page-"));
  writeFileSync(join(pageDirectory, "index.html"), "<title>the page</title>");
  const certificate = new GivenCertificate();
  certificate.give(pair);
  const controller = new AbortController();
  const { signal } = controller;
  const options = { bus: new MemoryBus(), token: TOKEN, pageDirectory, signal, host: "127.0.0.1", port: 0 };
  const server = await runSecure({ ...options, ...edge, certificate });
  stop = async () => {
    controller.abort();
    await server.stopped;
  };
  return async (address, headers = {}) => {
    const url = new URL(address.replace("PORT", String(server.port)));
    const settings = { headers, agent: false as const };
    const request =
      url.protocol === "https:" ? getHttps(url, { ...settings, ca: authority.cert }) : getHttp(url, settings);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let body = "";
    for await (const chunk of response) body += String(chunk);
    return { status: response.statusCode, headers: response.headers, body };
  };
}

test("a login over https is a cookie for https, and says nothing of all ports of this host", async () => {
  const get = await start();
  const { status, headers } = await get(`https://localhost:PORT/?token=${TOKEN}`, { accept: "text/html" });
  expect(status).toBe(302);
  expect(headers["set-cookie"]?.[0]).toMatch(/; Path=\/; .*; Secure$/);
  expect(headers["strict-transport-security"]).toBeUndefined();
});

test("where the user's own certificate is at the usual port, browsers are told to come over https alone", async () => {
  const get = await start({ strictTransportSeconds: 60 });
  const { headers } = await get("https://localhost:PORT/", { authorization: `Bearer ${TOKEN}` });
  expect(headers["strict-transport-security"]).toBe("max-age=60");
});

describe("the page that helps to trust the authority", () => {
  test.each(["http", "https"])("is there over %s without a login, and runs nothing", async (scheme) => {
    const get = await start({ authority: authority.cert });
    const { status, headers, body } = await get(`${scheme}://localhost:PORT/trust`);
    expect(status).toBe(200);
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(body).toContain("a &#60;test&#62;");
    expect(body).not.toMatch(/<script|a <test>/);
    expect((await get(`${scheme}://localhost:PORT/trust/hello-websocket.pem`)).body).toBe(authority.cert);
    expect((await get(`${scheme}://localhost:PORT/trust/hello-websocket.crt`)).headers["content-type"]).toBe(
      "application/x-x509-ca-cert",
    );
  });

  test("is not there where others vouch for the server", async () => {
    const get = await start();
    expect((await get("https://localhost:PORT/trust")).status).toBe(401);
    expect((await get("http://localhost:PORT/trust")).status).toBe(307);
  });
});

describe("a request in the clear", () => {
  const surroundings = { basePath: "/cam/", proxies: ["127.0.0.1"] };

  test.each([
    ["/cam/cameras?a=b", {}, "https://localhost:PORT/cam/cameras?a=b"],
    ["/cameras", {}, "https://localhost:PORT/cam/cameras"],
    ["/cameras", { "x-forwarded-host": "home.example" }, "https://home.example/cam/cameras"],
    ["//evil.example/x", {}, "https://localhost:PORT/cam//evil.example/x"],
  ])("for %s %j is sent to https", async (path, headers, target) => {
    const get = await start({ surroundings });
    const { status, headers: answer } = await get(`http://localhost:PORT${path}`, headers);
    expect(status).toBe(307);
    expect(answer.location?.replace(/localhost:\d+/, "localhost:PORT")).toBe(target);
  });

  test.each(["a b", "x/y", "x@y", "x#y"])("for host %j is sent nowhere else", async (host) => {
    const get = await start();
    const { headers, status } = await get("http://localhost:PORT/", { host });
    if (status === 307) expect(new URL(headers.location ?? "").pathname).toBe("/");
    else expect(status).toBe(400);
  });

  test("of a proxy whose client came over https is not sent round in circles", async () => {
    const get = await start({ surroundings });
    const { status, body } = await get("http://localhost:PORT/", { "x-forwarded-proto": "https" });
    expect(status).toBe(502);
    expect(body).toMatch(/expected https/);
  });
});
