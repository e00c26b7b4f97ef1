import { afterEach, describe, expect, test } from "vitest";
import {
  AccessServer,
  type Answer,
  BACK_PICTURE,
  cheapHash,
  PASSWORD,
  TOKEN,
} from "../../../test/support/access-server.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { TestViewer } from "../../../test/support/test-viewer.ts";
import { hashPassword } from "./password.ts";

// Software of homes and printers comes with a token in the address, or with a name and a password in every request.

const servers: AccessServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
async function start(options?: Parameters<typeof AccessServer.start>[0]): Promise<AccessServer> {
  const server = await AccessServer.start(options);
  servers.push(server);
  return server;
}
const basic = (name: string, password: string): { authorization: string } => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`,
});
const isPicture = ({ body }: Answer): boolean => body.includes(Buffer.from([0xff, 0xd8]));

const PATHS = [
  "/?action=stream",
  "/?action=snapshot",
  "/stream",
  "/snapshot",
  "/api/stream.mjpeg?src=front",
  "/api/frame.jpeg?src=front",
];
/** As Java's programs say by themselves. */
const ACCEPT = { accept: "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2" };

describe.each(PATHS)("%s", (path) => {
  test("needs a login, and says so to a program whatever it accepts", async () => {
    const server = await start();
    for (const headers of [{}, ACCEPT]) {
      const answer = await server.ask(path, { headers, enoughBytes: 1 });
      expect([answer.status, isPicture(answer)]).toEqual([401, false]);
    }
    expect((await server.ask(path, { headers: { cookie: await server.login("recorder") } })).status).toBe(
      403,
    );
  });

  test("gives pictures to who has the token in the address, and leads nobody away", async () => {
    const server = await start();
    const { token } = await server.share();
    for (const secret of [TOKEN, token]) {
      for (const headers of [{}, ACCEPT, { accept: "image/avif,image/webp,*/*;q=0.8" }]) {
        const with_ = `${path}${path.includes("?") ? "&" : "?"}token=${secret}`;
        const answer = await server.ask(with_, { headers, enoughBytes: 300 });
        expect([answer.status, isPicture(answer)]).toEqual([200, true]);
      }
    }
  });

  test.each([
    ["any name and the token", "home", TOKEN],
    ["no name and the token", "", TOKEN],
    ["a user's name and password", "viewer", PASSWORD],
  ])("gives pictures to %s", async (_, name, password) => {
    const server = await start();
    const answer = await server.ask(path, { headers: basic(name, password), enoughBytes: 300 });
    expect([answer.status, isPicture(answer)]).toEqual([200, true]);
    expect(answer.headers["set-cookie"]?.join() ?? "").not.toContain("hello_session");
  });
});

describe("a name and a password with every request", () => {
  test("may what the user may, and no more", async () => {
    const server = await start();
    const keeper = basic("keeper", PASSWORD);
    const status = async (path: string): Promise<number> =>
      (await server.ask(path, { headers: keeper, enoughBytes: 0 })).status;
    expect(await status("/cameras/front/snapshot.jpg")).toBe(200);
    expect(await status("/cameras/back/snapshot.jpg")).toBe(404);
    expect(await status("/api/frame.jpeg?src=back")).toBe(404);
    expect(await status("/shares")).toBe(403);
    expect((await server.ask("/cameras", { headers: basic("recorder", PASSWORD) })).status).toBe(403);
    const foreign = { ...basic("boss", PASSWORD), origin: "https://evil.example" };
    const wish = { cameras: ["front"], seconds: 60 };
    expect((await server.ask("/shares", { method: "POST", headers: foreign, body: wish })).status).toBe(403);
  });

  test("opens the WebSocket, until the password is another", async () => {
    const server = await start();
    const viewer = await TestViewer.open(server.socket, undefined, basic("viewer", PASSWORD));
    await eventually(() => expect(viewer.messages[0]).toMatchObject({ type: "hello", role: "view" }));
    const password = cheapHash("quite another one");
    server.desk.change({ type: "users", users: [{ name: "viewer", role: "view", password }] });
    await eventually(() => expect(viewer.closed?.code).toBe(4401));
    expect((await server.ask("/cameras", { headers: basic("viewer", PASSWORD) })).status).toBe(401);
    expect((await server.ask("/cameras", { headers: basic("viewer", "quite another one") })).status).toBe(
      200,
    );
  });

  test.each([
    ["a wrong password", basic("viewer", "wrong horse")],
    ["a name that nobody has", basic("nobody", "wrong horse")],
    ["a token that is none", basic("", "a.b.c")],
  ])("%s: ten failures, then who comes from there must wait, with the right one too", async (_, wrong) => {
    const server = await start();
    const from = "127.0.0.7";
    const ask = async (headers: { authorization: string }): Promise<Answer> =>
      server.ask("/?action=snapshot", { headers, from });
    for (let n = 0; n < 10; n++) expect((await ask(wrong)).status).toBe(401);
    const told = await ask(wrong);
    expect(told.status).toBe(429);
    expect(Number(told.headers["retry-after"])).toBeGreaterThan(0);
    expect((await ask(basic("viewer", PASSWORD))).status).toBe(429);
    const elsewhere = await server.ask("/?action=snapshot", { headers: basic("viewer", PASSWORD) });
    expect(elsewhere.status).toBe(200);
  });

  test("is compared once: who asks again and again costs nothing", async () => {
    // At the full cost, so that those who wait are too many.
    const viewer = { name: "viewer", role: "view", password: await hashPassword(PASSWORD) } as const;
    const server = await start({ users: [viewer] });
    const headers = basic("viewer", PASSWORD);
    expect((await server.ask("/cameras", { headers })).status).toBe(200);
    // More than may be compared or wait at once.
    const answers = await Promise.all(Array.from({ length: 60 }, () => server.ask("/cameras", { headers })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});

describe("who sees one of two cameras", () => {
  test.each(["share link", "user"])("learns nothing of the other: %s", async (kind) => {
    const server = await start();
    const headers =
      kind === "user"
        ? { cookie: await server.login("keeper") }
        : { authorization: `Bearer ${(await server.share()).token}` };
    const watched = await TestViewer.open(server.socket, undefined, { authorization: `Bearer ${TOKEN}` });
    const ask = async (path: string): Promise<string> =>
      (await server.ask(path, { headers })).body.toString();
    const metrics = await ask("/metrics");
    expect(metrics).toContain('hello_websocket_camera_info{camera="front"');
    for (const line of metrics.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
      expect(line).toContain('camera="front"');
    }
    expect(JSON.parse(await ask("/healthz"))).toEqual({ status: "ok", cameras: 1, live: 1 });
    expect(Object.keys(JSON.parse(await ask("/api/streams")))).toEqual(["front"]);
    for (const path of ["/state?camera=back", "/healthz?camera=back", "/api/streams?src=back"]) {
      expect((await server.ask(path, { headers })).status).toBe(404);
    }
    for (const path of ["/stream?camera=back", "/?action=stream_1", "/?action=snapshot&camera=back"]) {
      const { status, body } = await server.ask(path, { headers, enoughBytes: 300 });
      expect([status, body.includes(Buffer.from(BACK_PICTURE))]).toEqual([404, false]);
    }
    watched.close();
    const whole = await server.ask("/metrics", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(whole.body.toString()).toMatch(/camera="back"[^]*\nprocess_resident_memory_bytes/);
  });
});

test("behind a proxy that is known, who fails is who asks it", async () => {
  const server = await start({ surroundings: { basePath: "/", proxies: ["127.0.0.1"] } });
  const ask = async (client: string, token: string, from = "127.0.0.1"): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": client };
    return (await server.ask("/cameras", { headers, from })).status;
  };
  for (let n = 0; n < 10; n++) expect(await ask("203.0.113.1", "wrong")).toBe(401);
  expect(await ask("203.0.113.1", TOKEN)).toBe(429);
  expect(await ask("203.0.113.2", TOKEN)).toBe(200);
  // Who is no proxy of ours says what it likes, and is still itself.
  for (let n = 0; n < 10; n++) expect(await ask(`203.0.113.${n + 10}`, "wrong", "127.0.0.5")).toBe(401);
  expect(await ask("203.0.113.99", TOKEN, "127.0.0.5")).toBe(429);
});

test("the log of requests holds no token, no password, no session and no query", async () => {
  const lines: string[] = [];
  const take = (facts: object, message: string): void =>
    void lines.push(`${JSON.stringify(facts)} ${message}`);
  const server = await start({ log: { debug: take, error: take } });
  const cookie = await server.login("viewer");
  const { token } = await server.share();
  await server.ask(`/?token=${TOKEN}`, { headers: { accept: "text/html" } });
  await server.ask(`/?action=snapshot&token=${token}`);
  await server.ask("/cameras?secret=query", { headers: { cookie } });
  await server.ask("/cameras", { headers: basic("viewer", PASSWORD) });
  await server.ask("/login", { method: "POST", body: { token: TOKEN } });
  await server.ask("/logout", { method: "POST", headers: { cookie } });
  await eventually(() => expect(lines.filter((line) => line.includes('"path":"/logout"'))).toHaveLength(1));
  const all = lines.join("\n");
  expect(lines.length).toBeGreaterThan(6);
  const session = cookie.split("=")[1] ?? "";
  const claims = JSON.parse(Buffer.from(session.split(".")[1] ?? "", "base64url").toString()) as {
    jti: string;
  };
  for (const secret of [
    TOKEN,
    token,
    PASSWORD,
    session,
    claims.jti,
    "query",
    "?",
    basic("viewer", PASSWORD).authorization,
  ]) {
    expect(all).not.toContain(secret);
  }
});
