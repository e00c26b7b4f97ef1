import { execFileSync } from "node:child_process";
import { once } from "node:events";
import {
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type AccessServer, PASSWORD, TOKEN } from "../support/access-server.ts";
import { eventually } from "../support/eventually.ts";
import type { Program } from "../support/program.ts";
import { guardedServer, newProgram, openServer, startedProgram } from "../support/started.ts";
import { FRONT } from "../support/test-server.ts";

// What is tried against a server that others can reach. What happened is in docs/access.md.

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "hello-attack-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Say `bytes` to a port, and hear all that it says until it ends the connection. */
async function say(
  port: number,
  bytes: string,
  isEnough: (heard: string) => boolean = () => false,
): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let heard = "";
  socket.on("error", () => {});
  socket.on("data", (chunk) => {
    heard += chunk.toString("latin1");
    if (isEnough(heard)) socket.destroy();
  });
  socket.write(bytes);
  await once(socket, "close");
  return heard;
}

const statusOf = (answer: string): number => Number(answer.split(" ")[1]);

const upgrade = (headers: Readonly<Record<string, string>>): string =>
  `GET /ws HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n` +
  `${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

const answered = (heard: string): boolean => heard.includes("\r\n\r\n");

describe("a page of another site", () => {
  test.each(["http://evil.example", "null", "https://127.0.0.1:1", "http://127.0.0.1"])(
    "of origin %s opens no WebSocket with the visitor's cookie",
    async (origin) => {
      const server = await guardedServer();
      const cookie = await server.login("boss");
      const { authority, running } = server.server;
      const refused = await say(
        running.port,
        upgrade({ Host: authority, Origin: origin, Cookie: cookie }),
        answered,
      );
      expect(statusOf(refused)).toBe(403);
      const own = upgrade({ Host: authority, Origin: `http://${authority}`, Cookie: cookie });
      expect(statusOf(await say(running.port, own, answered))).toBe(101);
    },
  );

  test("changes nothing with the visitor's cookie", async () => {
    const server = await guardedServer();
    const cookie = await server.login("boss");
    const { share } = await server.share();
    const changing = server.server.running.routes.filter(
      ({ method }) => method !== "GET" && method !== "HEAD",
    );
    expect(changing.length).toBeGreaterThanOrEqual(5);
    for (const { method, url } of changing) {
      const path = url.replace(":id", "front").replace(":share", share.id);
      for (const foreign of [
        { origin: "http://evil.example" },
        { origin: "null" },
        { "sec-fetch-site": "cross-site" },
        { "sec-fetch-site": "same-site" },
      ]) {
        const { status } = await server.ask(path, {
          method,
          headers: { cookie, ...foreign },
          body: { a: 1 },
        });
        expect([method, url, foreign, status]).toEqual([method, url, foreign, 403]);
      }
    }
    expect(server.desk.ledger.share(share.id, Date.now())).toBeDefined();
    expect((await server.ask("/session", { headers: { cookie } })).body.toString()).toContain("boss");
  });

  test("sends no form that would be taken for JSON", async () => {
    const server = await guardedServer();
    const headers = { cookie: await server.login("boss"), "content-type": "text/plain" };
    const { status } = await server.ask("/shares", { method: "POST", headers, body: { cameras: ["front"] } });
    expect(status).toBe(415);
  });

  test("reads nothing: no answer allows it", async () => {
    const server = await guardedServer();
    for (const { url } of server.server.running.routes) {
      const headers = { authorization: `Bearer ${TOKEN}`, origin: "http://evil.example" };
      const answer = await server.ask(url.replace(":id", "front"), { headers, enoughBytes: 0 });
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      expect(answer.headers["cross-origin-resource-policy"] ?? "same-site").toBe("same-site");
    }
  });

  test("does not get in with a name that leads here (DNS rebinding)", async () => {
    const server = await openServer();
    const { port, routes } = server.running;
    for (const host of [
      "evil.example",
      `evil.example:${port}`,
      "localhost.evil.example",
      "127.0.0.1.evil.example",
      "",
    ]) {
      for (const { method, url } of routes) {
        const path = url.replace(":id", "front").replace("*", "index.html");
        const request = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
        expect([host, url, statusOf(await say(port, request))]).toEqual([host, url, 403]);
      }
      const origin = `http://${host}`;
      expect(statusOf(await say(port, upgrade({ Host: host, Origin: origin }), answered))).toBe(403);
    }
  });
});

describe("files", () => {
  test.each([
    "/../package.json",
    "/..%2fpackage.json",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/..%5c..%5cetc%5cpasswd",
    "/assets/../../server/server.js",
    "/assets/..%2f..%2fserver/server.js",
    "/%00/etc/passwd",
    "/.%00./etc/passwd",
    "//etc/passwd",
    "/./../../../../etc/passwd",
    "/cameras/..%2f..%2fetc%2fpasswd/snapshot.jpg",
    "/shares/..%2f..%2f..%2fetc%2fpasswd",
    "/.git/config",
  ])("outside the page's folder are not given: %s", async (path) => {
    const server = await openServer();
    const answer = await say(
      server.running.port,
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    expect(statusOf(answer)).toBeGreaterThanOrEqual(400);
    expect(answer).not.toMatch(/root:|"name": "hello-websocket"|repositoryformat/);
  });
});

describe("bytes", () => {
  test("more headers than fit are refused", async () => {
    const server = await guardedServer();
    const { port } = server.server.running;
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(100_000)}\r\n\r\n`;
    expect(statusOf(await say(port, long))).toBe(431);
    const many = Array.from({ length: 5000 }, (_, n) => `X-${n}: 1\r\n`).join("");
    expect(statusOf(await say(port, `GET / HTTP/1.1\r\nHost: a\r\n${many}\r\n`))).toBe(431);
  });

  test("a body that is too long is refused before it is read", async () => {
    const server = await guardedServer();
    const head =
      "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999\r\n\r\n";
    expect(statusOf(await say(server.server.running.port, `${head}{`, answered))).toBe(413);
  });

  test("headers and bodies that never end are not waited for", async () => {
    const server = await guardedServer();
    const { port } = server.server.running;
    const slow = [
      "",
      "GET / HT",
      "GET / HTTP/1.1\r\nHost: a\r\nX: ",
      "POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{",
    ];
    for (const heard of await Promise.all(slow.map((bytes) => say(port, bytes)))) {
      expect(heard === "" || statusOf(heard) === 408).toBe(true);
    }
  });

  test("10,000 connections that say half a word keep nobody out, and are not kept", async () => {
    const limit = Number(execFileSync("sh", ["-c", "ulimit -n"]).toString());
    const count = Number.isNaN(limit) ? 10_000 : Math.min(10_000, limit - 1000);
    const program = await startedProgram(["up", "--port", "0", "--camera", "a=test:160x120@5"]);
    const port = Number(new URL(program.firstLine).port);
    const sockets: Socket[] = [];
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });
    for (let n = 0; n < count; n += 100) {
      const some = Array.from({ length: Math.min(100, count - n) }, () => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.resume();
        socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Half: ");
        return socket;
      });
      sockets.push(...some);
      await Promise.all(some.map((socket) => once(socket, "connect")));
    }
    const answer = await fetch(`${program.firstLine}/cameras`);
    expect(answer.status).toBe(200);
    if (process.platform === "linux") expect(program.descriptors).toBeLessThan(4096 + 200);
    // Those that were kept have ten seconds.
    await eventually(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true), 60_000);
  }, 120_000);
});

describe("guessing", () => {
  test("an address that fails ten times is made to wait, right or wrong; others are not", async () => {
    const server = await guardedServer();
    const cookie = await server.login("viewer");
    const from = "127.0.0.9";
    const guess = (password: string, at: string): ReturnType<AccessServer["ask"]> =>
      server.ask("/login", { method: "POST", body: { name: "boss", password }, from: at });
    for (let n = 0; n < 10; n++) expect((await guess(`guess ${n}`, from)).status).toBe(401);
    const late = await guess(PASSWORD, from);
    expect(late.status).toBe(429);
    expect(Number(late.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(late.body.toString()).toMatch(/too many failed attempts: try again in \d+ s/);
    const bearer = { authorization: `Bearer ${TOKEN}` };
    expect((await server.ask("/cameras", { from, headers: bearer })).status).toBe(429);
    expect((await server.ask(`/cameras?token=${TOKEN}`, { from })).status).toBe(429);
    expect((await server.ask("/cameras", { from, headers: { cookie } })).status).toBe(200);
    expect((await guess(PASSWORD, "127.0.0.10")).status).toBe(204);
  });

  test("tokens is counted too", async () => {
    const server = await guardedServer();
    const from = "127.0.0.11";
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) {
      const headers = { authorization: `Bearer guess-${n}` };
      statuses.push((await server.ask("/cameras", { from, headers })).status);
    }
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
  });

  test("from many addresses at once takes no more than a share of the machine", async () => {
    const server = await guardedServer();
    const many = Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        server.ask("/login", {
          method: "POST",
          // A name that is nobody's costs what a real password costs; those of this test are cheap.
          body: { name: "nobody", password: "a guess" },
          from: `127.2.0.${n + 1}`,
        }),
      ),
    );
    expect((await server.ask("/cameras", { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(
      200,
    );
    const statuses = (await many).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 503]));
    expect(statuses.filter((status) => status === 401)).toHaveLength(34);
  });

  test("a forged session or link opens nothing", async () => {
    const server = await guardedServer();
    const [name = "", value = ""] = (await server.login("viewer")).split("=");
    const [head = "", claims = "", signature = ""] = value.split(".");
    const forged = Buffer.from(
      Buffer.from(claims, "base64url").toString().replace("viewer", "boss"),
    ).toString("base64url");
    const none = Buffer.from('{"alg":"none"}').toString("base64url");
    const { token } = await server.share();
    const attempts = [
      [head, forged, signature],
      [none, forged, ""],
      [none, claims, ""],
    ].map((parts) => parts.join("."));
    // A link is no session, and a session is no link.
    for (const [n, attempt] of [...attempts, token, TOKEN].entries()) {
      const from = `127.0.0.${20 + n}`;
      expect((await server.ask("/cameras", { headers: { cookie: `${name}=${attempt}` }, from })).status).toBe(
        401,
      );
    }
    for (const [n, attempt] of [...attempts, value].entries()) {
      const headers = { authorization: `Bearer ${attempt}` };
      expect((await server.ask("/cameras", { headers, from: `127.0.0.${40 + n}` })).status).toBe(401);
    }
  });
});

describe("secrets", () => {
  test("no token and no password is in any log, whatever is asked", async () => {
    const state = folder();
    const secret = "hunter2-of-the-camera";
    const args = ["up", "--host", "0.0.0.0", "--port", "0", "--log-level", "debug"];
    const camera = `a=http://user:${secret}@127.0.0.1:1/video?token=${secret}`;
    const first = await startedProgram([...args, "--camera", camera], { HELLO_STATE: state });
    const token = new URL(first.firstLine).searchParams.get("token") ?? "";
    await first.kill("SIGTERM");
    // It was told once. Another start has it, and keeps it to itself.
    const program = await startedProgram([...args, "--camera", camera], { HELLO_STATE: state });
    const base = `http://127.0.0.1:${new URL(program.firstLine).port}`;
    await program.says(/a: .*; trying again/);
    const bearer = { authorization: `Bearer ${token}` };
    const answers: string[] = [];
    for (const path of [
      "/",
      "/cameras",
      "/cameras/a",
      "/cameras/a/controls",
      "/cameras/a/snapshot.jpg",
      "/cameras/a/snapshot.jpg?strict",
      "/cameras/a/stream.mp4",
      "/healthz",
      "/session",
      "/nothing",
    ]) {
      for (const init of [{ headers: bearer }, {}]) {
        const answer = await fetch(base + path, init);
        answers.push(JSON.stringify([...answer.headers]), await answer.text());
      }
      await fetch(`${base}${path}?token=${token}`, { redirect: "manual" });
    }
    await fetch(`${base}/login`, {
      method: "POST",
      body: JSON.stringify({ name: "x", password: "hunter3" }),
      headers: { "content-type": "application/json" },
    });
    const logs = program.stdout + program.stderr;
    for (const text of [logs, answers.join("\n")]) {
      expect(text).not.toContain(token);
      expect(text).not.toContain(secret);
      expect(text).not.toContain("hunter3");
    }
    expect(first.stderr).not.toContain(token);
    expect(first.stdout.split(token)).toHaveLength(2);
  });

  test("a camera's name injects no header and no markup", async () => {
    const server = await openServer();
    const name = 'x\r\nSet-Cookie: evil=1\r\n\r\n<script>alert(1)</script>"';
    server.update({ ...FRONT, name, state: "gone", reason: name });
    for (const { method, url } of server.running.routes.filter(({ method }) => method === "GET")) {
      const path = url.replace(":id", "front").replace("*", "index.html");
      const answer = await say(
        server.running.port,
        `${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        answered,
      );
      expect(answer.split("\r\n\r\n")[0], path).not.toContain("evil");
      expect(answer, path).toMatch(/content-type: (?!text\/html).*|<title>/i);
    }
  });
});

describe("the local socket", () => {
  const mapper = (path: string): Program => newProgram(["mapper", "--mapper", `unix:${path}`]);

  test("is not made through a link, nor in the place of a file", async () => {
    const place = folder();
    writeFileSync(join(place, "victim"), "precious");
    symlinkSync(join(place, "victim"), join(place, "link.sock"));
    symlinkSync(join(place, "nowhere"), join(place, "dangling.sock"));
    for (const name of ["link.sock", "dangling.sock", "victim"]) {
      const program = mapper(join(place, name));
      expect(await program.end()).toBe(2);
      expect(program.stderr).toMatch(/is there already and is no socket\n$/);
    }
    expect(readdirSync(place).toSorted()).toEqual(["dangling.sock", "link.sock", "victim"]);
  });

  // Another user's files are only made by root.
  test.runIf(process.getuid?.() === 0)("is not made, nor used, in another user's folder", async () => {
    const place = folder();
    const foreign = join(place, "foreign");
    mkdirSync(foreign, { mode: 0o777 });
    symlinkSync(foreign, join(place, "link"));
    const own = join(place, "own");
    mkdirSync(own);
    symlinkSync(own, join(place, "planted"));
    // Root trusts itself only, and whoever is not root trusts root too.
    chownSync(foreign, 65_534, 65_534);
    lchownSync(join(place, "planted"), 65_534, 65_534);
    for (const [name, sentence] of [
      ["foreign", /belongs to another user \(65534\): expected a folder of yours/],
      ["link", /leads to a folder of another user \(65534\)/],
      ["planted", /is a link of another user \(65534\)/],
    ] as const) {
      const program = mapper(join(place, name, "m.sock"));
      expect(await program.end()).toBe(2);
      expect(program.stderr).toMatch(sentence);
    }
  });
});
