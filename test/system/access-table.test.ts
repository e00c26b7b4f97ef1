import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RouteFacts } from "../../src/server/access/guard.ts";
import { AccessServer, BACK_PICTURE, PASSWORD, TOKEN } from "../support/access-server.ts";
import { eventually } from "../support/eventually.ts";
import { TestViewer } from "../support/test-viewer.ts";

// Every route and message, and what it answers to whom. What is found is docs/access-table.md; `npx vitest run -u` writes it anew.
const TABLE = fileURLToPath(new URL("../../docs/access-table.md", import.meta.url));

/** Who asks: the columns. */
const COLUMNS = [
  "no token",
  "wrong token",
  "view",
  "control",
  "publish",
  "admin",
  "share",
  "expired share",
  "other camera's share",
] as const;
type Column = (typeof COLUMNS)[number];

/** Who logs in by name, in which column. */
const USERS: { readonly [column in Column]?: string } = {
  view: "viewer",
  control: "keeper",
  publish: "recorder",
};

let server: AccessServer;
let credentials: { readonly [column in Column]: Readonly<Record<string, string>> };
// Who fails often is made to wait, which is not what is asked here: each request comes from an address of its own.
let address = 1;
const elsewhere = (): string => `127.1.${(address >> 8) & 255}.${address++ & 255}`;

beforeAll(async () => {
  server = await AccessServer.start();
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
  credentials = {
    "no token": {},
    "wrong token": bearer("wrong-token"),
    view: { cookie: await server.login("viewer") },
    control: { cookie: await server.login("keeper") },
    publish: { cookie: await server.login("recorder") },
    admin: bearer(TOKEN),
    share: bearer((await server.share()).token),
    "expired share": bearer(await server.expiredShare()),
    "other camera's share": bearer((await server.share({ cameras: ["back"] })).token),
  };
});
afterAll(() => server?.stop());

/** A request of a route that is right in all but who asks. */
async function sample({ method, url, pictures }: RouteFacts): Promise<{ path: string; body?: unknown }> {
  const { share } = await server.share({ cameras: ["back"], name: "to revoke" });
  const path = url.replace(":id", "front").replace(":share", share.id).replace("*", "login.html");
  if (url === "/" && pictures) return { path: "/?action=snapshot" };
  if (url.startsWith("/api/")) return { path: `${path}?src=front` };
  if (method === "PUT") return { path, body: { brightness: 1 } };
  if (url === "/login") return { path, body: { name: "viewer", password: PASSWORD } };
  if (url === "/shares") return { path, body: { cameras: ["front"], seconds: 60 } };
  return { path };
}

async function observe(
  route: RouteFacts,
  column: Column,
  enoughBytes = 0,
): Promise<{ status: number; body: Buffer }> {
  const { path, body } = await sample(route);
  const { method, url } = route;
  const hasBody = body !== undefined && method !== "GET" && method !== "HEAD";
  // Who logs out is somebody else afterwards.
  const user = USERS[column];
  const headers =
    url === "/logout" && user !== undefined ? { cookie: await server.login(user) } : credentials[column];
  return server.ask(path, {
    method,
    headers,
    from: elsewhere(),
    enoughBytes,
    ...(hasBody ? { body } : {}),
  });
}

const listed = (): readonly RouteFacts[] =>
  [...server.server.running.routes].sort((a, b) =>
    `${a.url} ${a.method} ${a.pictures}` < `${b.url} ${b.method} ${b.pictures}` ? -1 : 1,
  );

test("every route says what it needs", () => {
  expect(listed().length).toBeGreaterThan(10);
  expect(listed().filter(({ need }) => need === undefined)).toEqual([]);
});

test("what gives pictures takes a place of a share link", () => {
  const pictures = listed().filter(({ url }) => /snapshot|stream(?!s)|frame|^\/$/.test(url));
  expect(pictures.length).toBeGreaterThan(3);
  // The page has its address together with the pictures of mjpg-streamer.
  const uncounted = pictures.filter(({ pictures: counted, method }) => !counted && method === "GET");
  expect(uncounted.map(({ url }) => url)).toEqual(["/"]);
});

test("no answer to a share of one camera tells of another", async () => {
  for (const route of listed()) {
    const { status, body } = await observe(route, "other camera's share", 1);
    if (route.need === "nothing" || status >= 400) continue;
    expect(body.includes("Front door"), `${route.method} ${route.url}`).toBe(false);
    const isPicture = body.includes(Buffer.from([0xff, 0xd8]));
    expect(isPicture && !body.includes(Buffer.from(BACK_PICTURE)), `${route.method} ${route.url}`).toBe(
      false,
    );
  }
});

test("HEAD is answered as GET", async () => {
  for (const route of listed().filter(({ method }) => method === "HEAD")) {
    for (const column of COLUMNS) {
      const { status } = await observe(route, column);
      const { status: whole } = await observe({ ...route, method: "GET" }, column);
      expect([column, route.url, status]).toEqual([column, route.url, whole]);
    }
  }
});

/** Every message of the WebSocket, as a viewer may try to send it. */
const MESSAGES: readonly (readonly [name: string, message: string | Buffer])[] = [
  ["`list`", '{"type":"list"}'],
  ["`watch` front", '{"type":"watch","camera":"front","track":"jpeg","window":1}'],
  ["`unwatch`", '{"type":"unwatch","camera":"front","track":"jpeg"}'],
  ["`keyframe`", '{"type":"keyframe","camera":"front","track":"jpeg"}'],
  ["`time`", '{"type":"time","sent":1}'],
  ["acknowledgement", Buffer.from([2, 1, 0, 1, 0, 0, 0, 1])],
  ["`hello`", '{"type":"hello","version":1}'],
  ["`adjust`", '{"type":"adjust","camera":"front","call":1,"set":{"brightness":1}}'],
  ["`camera`", '{"type":"removed","camera":"front"}'],
  ["`published`", '{"type":"published","camera":"front","tracks":[]}'],
  ["`demand`", '{"type":"demand","camera":"front","tracks":[]}'],
  ["anything else", "nonsense"],
];

const HANDSHAKE = {
  connection: "Upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
};

/** What a message on a WebSocket of its own leads to. */
async function converse(message: string | Buffer, column: Column): Promise<string> {
  const { status } = await server.ask("/ws", {
    headers: { ...credentials[column], ...HANDSHAKE },
    from: elsewhere(),
  });
  if (status !== 101) return String(status);
  const viewer = await TestViewer.open(server.socket, undefined, { ...credentials[column] });
  viewer.socket.send(message);
  viewer.tell({ type: "time", sent: 7 });
  const answered = (): boolean => viewer.messages.some((said) => said.type === "time" && said.sent === 7);
  await eventually(() => expect(answered() || viewer.closed !== undefined).toBe(true));
  const names = viewer.messages
    .filter((said) => said.type !== "hello" && !(said.type === "time" && said.sent === 7))
    .map((said) =>
      said.type === "cameras" ? said.cameras.map(({ id }) => id).join(" and ") : `\`${said.type}\``,
    );
  const told = viewer.closed === undefined ? names.join(", ") || "taken" : `closed ${viewer.closed.code}`;
  viewer.close();
  return told;
}

test("the table is what docs/access-table.md says", async () => {
  const rows: string[][] = [];
  for (const route of listed().filter(({ method }) => method !== "HEAD")) {
    const url = route.url === "/" && route.pictures ? "/?action=snapshot" : route.url;
    const row = [`${route.method} \`${url}\``, route.need ?? ""];
    for (const column of COLUMNS) row.push(String((await observe(route, column)).status));
    rows.push(row);
  }
  const missing = ["GET `/nothing`", "–"];
  for (const column of COLUMNS) {
    const { status } = await server.ask("/nothing", { headers: credentials[column], from: elsewhere() });
    missing.push(String(status));
  }
  rows.push(missing);
  for (const [name, message] of MESSAGES) {
    const row = [`\`/ws\` ${name}`, "view"];
    for (const column of COLUMNS) row.push(await converse(message, column));
    rows.push(row);
  }
  const head = ["request", "needs", ...COLUMNS];
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(TABLE);
});
