import { afterEach, expect, test } from "vitest";
import { AccessServer, cheapHash, PASSWORD, TOKEN } from "../../../test/support/access-server.ts";
import { eventually } from "../../../test/support/eventually.ts";
import { TestViewer } from "../../../test/support/test-viewer.ts";
import { MemoryBus } from "../../bus/index.ts";
import { Entrance } from "./entrance.ts";
import { Ledger } from "./ledger.ts";

const ORIGIN = "https://home.example:8123";
const authorization = `Bearer ${TOKEN}`;

const servers: AccessServer[] = [];
async function start(options?: Parameters<typeof AccessServer.start>[0]): Promise<AccessServer> {
  const server = await AccessServer.start({ users: [], ...options });
  servers.push(server);
  return server;
}
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

test("a page of a listed origin reads answers and streams, changes things, and opens the WebSocket", async () => {
  const server = await start({ allowedOrigins: [ORIGIN] });
  for (const path of ["/cameras", "/cameras/front/snapshot.jpg", "/cameras/front/stream.mjpg", "/nothing"]) {
    const headers = { authorization, origin: ORIGIN };
    const answer = await server.ask(path, { headers, enoughBytes: 0 });
    expect([path, answer.headers["access-control-allow-origin"]]).toEqual([path, ORIGIN]);
    expect(answer.headers.vary).toContain("Origin");
    const other = await server.ask(path, {
      headers: { authorization, origin: "https://evil.example" },
      enoughBytes: 0,
    });
    expect(other.headers["access-control-allow-origin"]).toBeUndefined();
  }
  const put = { method: "PUT", body: { brightness: 1 } };
  const headers = { authorization, origin: ORIGIN };
  expect((await server.ask("/cameras/front/controls", { ...put, headers })).status).toBe(200);
  const viewer = await TestViewer.open(server.socket, undefined, { authorization, origin: ORIGIN });
  viewer.close();
});

test("a browser may ask in advance for a listed origin, and for no other", async () => {
  const server = await start({ allowedOrigins: [ORIGIN] });
  const ask = { method: "OPTIONS", headers: { "access-control-request-method": "PUT" } };
  const path = "/cameras/front/controls";
  const listed = await server.ask(path, { ...ask, headers: { ...ask.headers, origin: ORIGIN } });
  expect(listed.status).toBe(204);
  expect(listed.headers["access-control-allow-methods"]).toContain("PUT");
  const other = await server.ask(path, {
    ...ask,
    headers: { ...ask.headers, origin: "https://evil.example" },
  });
  expect(other.status).toBe(403);
  expect(other.headers["access-control-allow-origin"]).toBeUndefined();
});

test("a browser without a session is led to the form, from any depth; a program is told", async () => {
  const server = await start();
  const accept = "text/html,application/xhtml+xml";
  for (const [path, form] of [
    ["/", "./login"],
    ["/cameras", "./login"],
    ["/cameras/front", "../login"],
    ["/?token=no", "./login?link"],
    ["/cameras/front?track=jpeg&token=no", "../login?link"],
    ["/cameras/front/snapshot.jpg?x=1", "../../login"],
  ] as const) {
    const led = await server.ask(path, { headers: { accept } });
    expect([path, led.status, led.headers.location]).toEqual([path, 302, form]);
    const told = await server.ask(path);
    expect([told.status, told.headers["www-authenticate"]]).toEqual([
      401,
      'Bearer, Basic realm="hello-websocket", charset="UTF-8"',
    ]);
    // A browser would ask with a window of its own.
    const script = await server.ask(path, { headers: { "user-agent": "Mozilla/5.0" } });
    expect([script.status, script.headers["www-authenticate"]]).toEqual([401, "Bearer"]);
  }
  expect((await server.ask("/login", { headers: { accept } })).body.toString()).toContain("who are you?");
});

test("a link leads on without its token, and keeps what else it says", async () => {
  const server = await start();
  for (const [path, to] of [
    [`/?token=${TOKEN}`, "./"],
    [`/?track=jpeg&token=${TOKEN}`, "./?track=jpeg"],
    [`/cameras/front?token=${TOKEN}&a=b`, "./front?a=b"],
  ] as const) {
    const { status, headers } = await server.ask(path, { headers: { accept: "text/html" } });
    expect([status, headers.location]).toEqual([302, to]);
    expect(headers["set-cookie"]?.[0]).not.toContain(TOKEN);
  }
  expect((await server.ask(`/cameras?token=${TOKEN}`)).headers["set-cookie"]).toBeUndefined();
});

test("a session outlives neither another password, nor its user; another role ends what is watched", async () => {
  const password = (name: string): string =>
    `$scrypt$ln=4,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$${Buffer.from(name.padEnd(32)).toString("base64").replace(/=+$/, "")}`;
  const anna = { name: "anna", role: "control", password: password("one") } as const;
  const server = await start({ users: [anna] });
  const cookie = await server.session(anna);
  const status = async (): Promise<number> => (await server.ask("/cameras", { headers: { cookie } })).status;
  const change = (users: readonly Parameters<typeof server.session>[0][]): void =>
    server.desk.change({ type: "users", users });
  expect(await status()).toBe(200);
  const viewer = await TestViewer.open(server.socket, undefined, { cookie });
  await eventually(() => expect(viewer.messages[0]).toMatchObject({ type: "hello", role: "control" }));
  change([anna, { ...anna, name: "bo" }]);
  expect(await status()).toBe(200);
  expect(viewer.closed).toBeUndefined();
  change([{ ...anna, role: "view" }]);
  await eventually(() => expect(viewer.closed?.code).toBe(4401));
  const again = await TestViewer.open(server.socket, undefined, { cookie });
  await eventually(() => expect(again.messages[0]).toMatchObject({ type: "hello", role: "view" }));
  change([{ ...anna, role: "view", password: password("two") }]);
  await eventually(() => expect(again.closed?.code).toBe(4401));
  expect(await status()).toBe(401);
  change([anna]);
  expect(await status()).toBe(200);
  change([]);
  expect(await status()).toBe(401);
});

test("what is wrong with a wish for a share link is said in a sentence", async () => {
  const server = await start();
  const ask = async (body: unknown): Promise<[number, string]> => {
    const answer = await server.ask("/shares", { method: "POST", headers: { authorization }, body });
    return [answer.status, answer.body.toString()];
  };
  for (const [body, sentence] of [
    [[], /expected JSON such as/],
    [{ seconds: 60 }, /cameras: expected the ids of cameras/],
    [{ cameras: [], seconds: 60 }, /cameras: expected/],
    [{ cameras: ["../x"], seconds: 60 }, /cameras: expected/],
    [{ cameras: ["nobody"], seconds: 60 }, /cameras: there is no nobody/],
    [{ cameras: ["front"] }, /seconds: expected a number from 1 to/],
    [{ cameras: ["front"], seconds: 0 }, /seconds: expected/],
    [{ cameras: ["front"], seconds: 1e12 }, /seconds: expected/],
    [{ cameras: ["front"], seconds: 60, role: "admin" }, /role: expected view or control/],
    [{ cameras: ["front"], seconds: 60, role: "publish" }, /role: expected view or control/],
    [{ cameras: ["front"], seconds: 60, maxViewers: 0 }, /maxViewers: expected/],
    [{ cameras: ["front"], seconds: 60, name: "x".repeat(101) }, /name: expected text of at most 100/],
    [{ cameras: ["front"], seconds: 60, admin: true }, /expected JSON such as/],
  ] as const) {
    const [status, text] = await ask(body);
    expect([body, status]).toEqual([body, 400]);
    expect(text).toMatch(sentence);
  }
  const [status, text] = await ask({ cameras: ["front"], seconds: 60 });
  expect(status).toBe(201);
  expect(text).toContain('"token":"ey');
});

test("with the first user everybody is asked, also who is in; after the last one nobody is let in for it", async () => {
  const ledger = new Ledger();
  const entrance = new Entrance(new MemoryBus(), undefined, { ledger });
  const request = {
    method: "GET",
    url: "/",
    headers: { host: "localhost" },
    address: "127.0.0.1",
    secure: false,
  };
  const stay = await entrance.admitUpgrade(request);
  if ("status" in stay) throw new Error(stay.reason);
  let ended = 0;
  stay.begin(() => ended++);
  ledger.apply({ type: "revoked", share: "none" });
  expect([ended, entrance.closed]).toEqual([0, false]);
  ledger.apply({ type: "users", users: [{ name: "anna", role: "view", password: cheapHash(PASSWORD) }] });
  expect([ended, entrance.closed]).toEqual([1, true]);
  expect(await entrance.admit(request, "view")).toMatchObject({ allowed: false, status: 401 });
  ledger.apply({ type: "users", users: [] });
  expect(await entrance.admit(request, "view")).toMatchObject({ allowed: false, status: 401 });
  // Nor by a process that is started only now.
  const later = new Ledger();
  const other = new Entrance(new MemoryBus(), undefined, { ledger: later });
  later.apply({ type: "all", content: ledger.content() });
  expect(await other.admit(request, "view")).toMatchObject({ allowed: false, status: 401 });
  entrance.close();
  other.close();
});
