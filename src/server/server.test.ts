import { once } from "node:events";
import { get, type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { FRONT, picture, TestServer } from "../../test/support/test-server.ts";
import { TestViewer } from "../../test/support/test-viewer.ts";
import type { Micros } from "../protocol/index.ts";
import { MJPEG_BOUNDARY } from "./routes/stream.ts";

const servers: TestServer[] = [];
const start = async (options?: { host?: string; token?: string }): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe("the HTTP side", () => {
  test("gives the page, with a policy that runs no foreign script", async () => {
    const server = await start();
    const response = await fetch(server.url("/"));
    expect(await response.text()).toContain("the page");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });

  test("lists cameras and their facts", async () => {
    const server = await start();
    server.publish();
    expect(await (await fetch(server.url("/cameras"))).json()).toEqual([
      { ...FRONT, since: "2023-11-14T22:13:20.000Z" },
    ]);
    const facts = (await (await fetch(server.url("/cameras/front"))).json()) as {
      tracks: Record<string, unknown>[];
    };
    expect(facts.tracks[0]).toMatchObject({ name: "jpeg", width: 640, viewers: 0, sequence: 1 });
    const unknown = await fetch(server.url("/cameras/nobody"));
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ error: expect.stringContaining("no camera") });
  });

  test("says that it is well", async () => {
    const server = await start();
    expect(await (await fetch(server.url("/healthz"))).json()).toEqual({
      status: "ok",
      cameras: 1,
      live: 1,
      viewers: 0,
    });
  });

  test("gives no file outside the page's folder", async () => {
    const server = await start();
    for (const path of ["/../server.ts", "/%2e%2e/package.json", "/..%2f..%2fetc/passwd"]) {
      const [response] = (await once(
        get({ port: server.running.port, path, host: "127.0.0.1" }),
        "response",
      )) as [IncomingMessage];
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
      response.resume();
    }
  });
});

describe("a snapshot", () => {
  test("is the newest picture, with its sequence and age", async () => {
    const server = await start();
    server.publish();
    server.publish();
    const response = await fetch(server.url("/cameras/front/snapshot.jpg"));
    expect(response.headers.get("content-type")).toBe("image/jpeg");
    expect(response.headers.get("x-sequence")).toBe("2");
    expect(Date.parse(response.headers.get("x-captured-at") ?? "")).toBeGreaterThan(1e12);
    expect(Number(response.headers.get("x-age-ms"))).toBeGreaterThanOrEqual(0);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(picture(2));
  });

  test("waits for another than ?after", async () => {
    const server = await start();
    server.publish();
    const waiting = fetch(server.url("/cameras/front/snapshot.jpg?after=1"));
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    server.publish();
    expect((await waiting).headers.get("x-sequence")).toBe("2");
    expect(server.demands.at(-1)).toEqual([]);
  });

  test("waits for one whose exposure has settled", async () => {
    const server = await start();
    server.update({ state: "live", settledAt: (1000 * (Date.now() + 100_000)) as Micros });
    server.publish();
    const waiting = fetch(server.url("/cameras/front/snapshot.jpg"));
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    server.publish();
    server.update({ state: "live", settledAt: 0 as Micros });
    server.publish();
    expect((await waiting).headers.get("x-sequence")).toBe("3");
  });

  test("of a reader that left is not waited for", async () => {
    const server = await start();
    const left = request(server.url("/cameras/front/snapshot.jpg")).on("error", () => {});
    left.end();
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    left.destroy();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test.each([
    ["/cameras/nobody/snapshot.jpg", 404, /no camera/],
    ["/cameras/front/snapshot.jpg?after=x", 400, /after must be/],
    ["/cameras/front/snapshot.jpg?after=4294967296", 400, /after must be/],
  ])("%s is %i", async (path, status, message) => {
    const server = await start();
    const response = await fetch(server.url(path));
    expect(response.status).toBe(status);
    expect(((await response.json()) as { error: string }).error).toMatch(message);
  });

  test.each(["gone", "stalled"] as const)("of a camera that is %s says so", async (state) => {
    const server = await start();
    server.update({ state, reason: "it was pulled out" });
    const response = await fetch(server.url("/cameras/front/snapshot.jpg"));
    expect(response.status).toBe(200);
    expect(response.headers.get("x-state")).toBe(state);
    expect(response.headers.get("x-sequence")).toBeNull();
    expect(Buffer.from(await response.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    const strict = await fetch(server.url("/cameras/front/snapshot.jpg?strict"));
    expect(strict.status).toBe(503);
    expect(strict.headers.get("x-state")).toBe(state);
    expect(await strict.json()).toEqual({ error: "it was pulled out" });
  });
});

describe("controls", () => {
  const BRIGHTNESS = {
    name: "brightness",
    kind: "range",
    min: 0,
    max: 9,
    step: 1,
    default: 5,
    value: 5,
  } as const;
  const put = (server: TestServer, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url("/cameras/front/controls"), {
      method: "PUT",
      body,
      headers: { "content-type": "application/json", ...headers },
    });

  test("are told and set", async () => {
    const server = await start();
    server.adjust = async (set) => [{ ...BRIGHTNESS, value: set.get("brightness") ?? 5 }];
    expect(await (await fetch(server.url("/cameras/front/controls"))).json()).toEqual([BRIGHTNESS]);
    const answer = await put(server, '{"brightness": 7}');
    expect(await answer.json()).toEqual([{ ...BRIGHTNESS, value: 7 }]);
  });

  test.each([
    ["no object", "[1]", 400, /no object/],
    ["nothing", "{}", 400, /names no control/],
    ["a text", '{"brightness": "7"}', 400, /brightness must be a whole number/],
    ["a name that is none", '{"a,b=1": 7}', 400, /a name that is none/],
    ["no JSON", "{", 400, /JSON/i],
    ["what the camera refuses", '{"brightness": 70}', 409, /expected a whole number from 0 to 9/],
  ])("%s is answered with a sentence", async (_, body, status, sentence) => {
    const server = await start();
    server.adjust = async () => {
      throw new Error("brightness 70 is not right: expected a whole number from 0 to 9");
    };
    const answer = await put(server, body);
    expect(answer.status).toBe(status);
    expect(await answer.text()).toMatch(sentence);
  });

  test("of a camera that is not known or has none", async () => {
    const server = await start();
    expect((await fetch(server.url("/cameras/nobody/controls"))).status).toBe(404);
    const none = await fetch(server.url("/cameras/front/controls"));
    expect(none.status).toBe(409);
    expect(await none.json()).toEqual({ error: "the camera has no controls" });
  });

  test("are not set for a page of another origin, nor without the token", async () => {
    const server = await start({ token: "secret-token" });
    let calls = 0;
    server.adjust = async () => {
      calls++;
      return [];
    };
    const authorization = "Bearer secret-token";
    expect((await put(server, '{"a":1}', { authorization, origin: "http://evil.example" })).status).toBe(403);
    expect((await put(server, '{"a":1}', { authorization, origin: "null" })).status).toBe(403);
    expect((await put(server, '{"a":1}')).status).toBe(401);
    expect(calls).toBe(0);
    const own = `http://${server.authority}`;
    expect((await put(server, '{"a":1}', { authorization, origin: own })).status).toBe(200);
    expect(calls).toBe(1);
  });

  test("are no business of a viewer's WebSocket", async () => {
    const server = await start();
    const viewer = await TestViewer.open(`ws://${server.authority}/ws`);
    viewer.tell({ type: "adjust", camera: "front", call: 1, set: { a: 1 } });
    await eventually(() => expect(viewer.closed?.code).toBe(1003));
  });
});

describe("stream.mjpg", () => {
  async function open(server: TestServer): Promise<IncomingMessage> {
    const [response] = (await once(get(server.url("/cameras/front/stream.mjpg")), "response")) as [
      IncomingMessage,
    ];
    return response;
  }

  test("is parts with lengths, each ended by its boundary at once", async () => {
    const server = await start();
    const response = await open(server);
    expect(response.headers["content-type"]).toBe(`multipart/x-mixed-replace; boundary=${MJPEG_BOUNDARY}`);
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    server.publish();
    const expected = Buffer.concat([Buffer.from(picture(1)), Buffer.from(`\r\n--${MJPEG_BOUNDARY}\r\n`)]);
    await eventually(() =>
      expect(Buffer.concat(chunks).subarray(-expected.length).equals(expected)).toBe(true),
    );
    const head = Buffer.concat(chunks).toString("latin1");
    expect(head).toMatch(
      /^--hello-websocket-frame\r\nContent-Type: image\/jpeg\r\nContent-Length: 64\r\nX-Timestamp: \d+\.\d{6}\r\nX-Sequence: 1\r\n\r\n/,
    );
    response.destroy();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test("of a camera that fails shows why, again and again, and the camera when it is back", async () => {
    const server = await start();
    const response = await open(server);
    let text = "";
    response.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
    });
    const count = (pattern: RegExp): number => [...text.matchAll(pattern)].length;
    server.update({ state: "stalled", reason: "no frame for 2 s" });
    await eventually(() => expect(count(/X-State: stalled/g)).toBeGreaterThanOrEqual(2));
    server.update({ state: "gone", reason: "it was pulled out" });
    await eventually(() => expect(count(/X-State: gone/g)).toBeGreaterThanOrEqual(1));
    server.update({ state: "live" });
    server.publish();
    await eventually(() => expect(text).toMatch(/X-Sequence: 1\r\n/));
    const shown = count(/X-State/g);
    server.publish();
    await eventually(() => expect(text).toMatch(/X-Sequence: 2\r\n/));
    expect(count(/X-State/g)).toBe(shown);
    response.destroy();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test("of a camera that has failed is refused to who asks strictly", async () => {
    const server = await start();
    server.update({ state: "gone", reason: "it was pulled out" });
    const response = await fetch(server.url("/cameras/front/stream.mjpg?strict"));
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ error: "it was pulled out" });
  });

  test("skips what a slow reader cannot take", async () => {
    const server = await start();
    const response = await open(server);
    response.pause();
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    for (let n = 0; n < 100; n++) {
      server.publish(1_000_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    let bytes = 0;
    let last = 0;
    response.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      const found = /X-Sequence: (\d+)/.exec(chunk.toString("latin1"));
      if (found !== null) last = Number(found[1]);
    });
    response.resume();
    await eventually(() => {
      server.publish(1_000_000);
      expect(last).toBeGreaterThan(100);
    });
    expect(bytes).toBeLessThan(50_000_000);
    response.destroy();
  });
});

describe("the gate", () => {
  const TOKEN = "secret-token";

  test.each(["evil.example", "evil.example:9000", "localhost.evil.example"])(
    "without a token refuses a request addressed to %j: that is DNS rebinding",
    async (host) => {
      const server = await start();
      const [response] = (await once(get(server.url("/cameras"), { headers: { host } }), "response")) as [
        IncomingMessage,
      ];
      response.resume();
      expect([400, 403]).toContain(response.statusCode);
    },
  );

  test.each(["localhost:9000", "127.0.0.1", "[::1]:9000", "app.localhost"])(
    "without a token serves %s",
    async (host) => {
      const server = await start();
      const [response] = (await once(get(server.url("/cameras"), { headers: { host } }), "response")) as [
        IncomingMessage,
      ];
      response.resume();
      expect(response.statusCode).toBe(200);
    },
  );

  test.each([
    "/",
    "/cameras",
    "/cameras/front",
    "/cameras/front/snapshot.jpg",
    "/cameras/front/stream.mjpg",
    "/healthz",
    "/nothing",
  ])("with a token opens %s to nobody without it", async (path) => {
    const server = await start({ token: TOKEN });
    server.publish();
    const headers = [{}, { authorization: "Bearer wrong-token" }, { cookie: "hello_token=%E0%A4%A" }];
    for (const attempt of headers)
      expect((await fetch(server.url(path), { headers: attempt })).status).toBe(401);
    expect((await fetch(server.url(`${path}?token=wrong`))).status).toBe(401);
  });

  test("opens to the token as a header, and as a link that becomes a cookie", async () => {
    const server = await start({ token: TOKEN });
    expect(
      (await fetch(server.url("/cameras"), { headers: { authorization: `Bearer ${TOKEN}` } })).status,
    ).toBe(200);
    const link = await fetch(server.url(`/?token=${TOKEN}`), {
      redirect: "manual",
      headers: { accept: "text/html" },
    });
    expect(link.status).toBe(302);
    expect(link.headers.get("location")).toBe("./");
    const cookie = link.headers.get("set-cookie") ?? "";
    expect(cookie).toMatch(/HttpOnly; SameSite=Lax/);
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    expect((await fetch(server.url("/cameras"), { headers })).status).toBe(200);
  });

  test("stands before the WebSocket as well", async () => {
    const server = await start({ token: TOKEN });
    const refused = new TestViewer(`ws://${server.authority}/ws`);
    await eventually(() => expect(refused.closed?.code).toBe(1006));
    const viewer = await TestViewer.open(`ws://${server.authority}/ws`, undefined, {
      authorization: `Bearer ${TOKEN}`,
    });
    viewer.close();
  });

  test.each([
    ["http://evil.example", 403],
    ["null", 403],
    ["http://127.0.0.1:1", 403],
  ])("refuses a WebSocket from a page of %s", async (origin, status) => {
    const server = await start();
    expect(await upgradeStatus(server, "/ws", origin)).toBe(status);
  });

  test.each([
    ["/ws", 101],
    ["/ws?camera=front", 101],
    ["/ws?camera=BAD!", 400],
    ["/elsewhere", 404],
  ])("an upgrade of %s is %i", async (path, status) => {
    const server = await start();
    expect(await upgradeStatus(server, path, `http://${server.authority}`)).toBe(status);
  });

  async function upgradeStatus(server: TestServer, path: string, origin: string): Promise<number> {
    const socket = connect(server.running.port, "127.0.0.1");
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: ${server.authority}\r\nOrigin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return Number(answer.toString().split(" ")[1]);
  }
});

describe("listening", () => {
  test("on a port in use ends with a sentence", async () => {
    const server = await start();
    const { run } = await import("./server.ts");
    await expect(
      run({
        bus: server.bus,
        host: "127.0.0.1",
        port: server.running.port,
        token: undefined,
        pageDirectory: "/tmp",
        signal: new AbortController().signal,
      }),
    ).rejects.toThrow(`port ${server.running.port} is in use: expected a free one (--port)`);
  });
});
