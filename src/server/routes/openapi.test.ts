import { once } from "node:events";
import { request as ask, type IncomingMessage } from "node:http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { AccessServer, type Ask } from "../../../test/support/access-server.ts";
import { FRONT, TestServer } from "../../../test/support/test-server.ts";
import { VideoServer } from "../../../test/support/video-server.ts";
import { DeskError, MainDesk } from "../access/desk.ts";
import type { AccessOptions } from "../access/entrance.ts";
import { Ledger } from "../access/ledger.ts";
import type { Share } from "../access/share.ts";

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}
interface OperationObject {
  readonly "x-undescribed"?: true;
  readonly responses: Readonly<Record<string, ResponseObject>>;
}
interface ResponseObject {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
}

const TOKEN = "secret-token";
const servers: (TestServer | VideoServer | AccessServer)[] = [];
const stop = async (server: TestServer | VideoServer | AccessServer): Promise<void> =>
  server instanceof VideoServer ? server[Symbol.asyncDispose]() : server.stop();
afterEach(async () => {
  for (const server of servers.splice(0)) await stop(server);
});

const BRIGHTNESS = {
  name: "brightness",
  kind: "range",
  min: 0,
  max: 9,
  step: 1,
  default: 5,
  value: 5,
} as const;
const live = async (): Promise<TestServer> => {
  const server = await TestServer.start();
  server.adjust = async () => [BRIGHTNESS];
  server.publish();
  return server;
};
const gone = async (): Promise<TestServer> => {
  const server = await TestServer.start();
  server.update({ state: "gone", reason: "it was pulled out", attempts: 3, lastFrameAt: 1e15 as never });
  return server;
};
const unready = (): Promise<TestServer> => TestServer.start({ unready: () => "there is no mapper" });
const video = (state: "live" | "gone") => async (): Promise<VideoServer> => {
  const server = await VideoServer.start({
    camera: { state, ...(state === "gone" ? { reason: "gone" } : {}) },
  });
  server.publish(3);
  return server;
};

const access = (): AccessOptions & { desk: object } => {
  const share: Share = {
    id: "known-share",
    cameras: [FRONT.id],
    role: "view",
    createdAtMs: Date.now(),
    endsAtMs: Date.now() + 60_000,
  };
  const ledger = new Ledger({ shares: [share] });
  return { ledger, desk: new MainDesk(ledger).seat() };
};
const closed = (): Promise<TestServer> => TestServer.start({ token: TOKEN, access: access() });
/** The process that decides does not answer. */
const alone = (): Promise<TestServer> => {
  const refuse = async (): Promise<never> => Promise.reject(new DeskError("nobody answers"));
  const desk = { share: refuse, revoke: refuse, shares: refuse, end: refuse, enter: refuse };
  return TestServer.start({
    token: TOKEN,
    access: { ...access(), desk: { ...desk, leave: () => {}, failed: () => {} } },
  });
};
const trusted = async (): Promise<TestServer> => {
  const server = await AccessServer.start();
  servers.push(server);
  return server.server;
};
const LOGIN = JSON.stringify({ token: TOKEN });
const WISH = '{"cameras":["front"],"seconds":60}';
/** Nobody may fail as often as this. */
const failed = async (): Promise<TestServer> => {
  const server = await closed();
  const headers = { authorization: "Bearer wrong" };
  for (let n = 0; n < 10; n++) await fetch(server.url("/cameras"), { headers });
  return server;
};
/** More log in at once than are compared or may wait. */
const crowded = async (): Promise<TestServer> => {
  const server = await AccessServer.start();
  servers.push(server);
  // A name that nobody has costs what the dearest password does.
  const body = { name: "nobody", password: "wrong" };
  for (let n = 0; n < 40; n++) {
    const from = `127.0.1.${(n % 8) + 1}`;
    server.ask("/login", { method: "POST", body, from }).catch(() => {});
  }
  return server.server;
};

/** How each answer that the document tells of is brought about; those to who may not do it are brought about for all together. */
type Case = [
  operation: string,
  status: number,
  url: string,
  start?: () => Promise<TestServer | VideoServer>,
  body?: string,
];
const CASES: Case[] = [
  ["get /", 200, "/"],
  ["get /", 200, "/?action=snapshot"],
  ["get /", 200, "/?action=stream"],
  ["get /", 404, "/?action=stream_9"],
  ["get /", 501, "/?action=command"],
  ["get /cameras", 200, "/cameras"],
  ["get /cameras", 200, "/cameras", gone],
  ["get /cameras/{id}", 200, "/cameras/front"],
  ["get /cameras/{id}", 200, "/cameras/front", gone],
  ["get /cameras/{id}", 404, "/cameras/none"],
  ["get /cameras/{id}/snapshot.jpg", 200, "/cameras/front/snapshot.jpg"],
  ["get /cameras/{id}/snapshot.jpg", 400, "/cameras/front/snapshot.jpg?after=x"],
  ["get /cameras/{id}/snapshot.jpg", 404, "/cameras/none/snapshot.jpg"],
  ["get /cameras/{id}/snapshot.jpg", 503, "/cameras/front/snapshot.jpg?strict", gone],
  ["get /cameras/{id}/stream.mjpg", 200, "/cameras/front/stream.mjpg"],
  ["get /cameras/{id}/stream.mjpg", 404, "/cameras/none/stream.mjpg"],
  ["get /cameras/{id}/stream.mjpg", 503, "/cameras/front/stream.mjpg?strict", gone],
  ["get /cameras/{id}/stream.mp4", 200, "/cameras/door/stream.mp4", video("live")],
  ["get /cameras/{id}/stream.mp4", 404, "/cameras/none/stream.mp4"],
  ["get /cameras/{id}/stream.mp4", 503, "/cameras/door/stream.mp4", video("gone")],
  ["get /cameras/{id}/stream.ts", 200, "/cameras/door/stream.ts", video("live")],
  ["get /cameras/{id}/stream.ts", 404, "/cameras/none/stream.ts"],
  ["get /cameras/{id}/stream.ts", 503, "/cameras/door/stream.ts", video("gone")],
  ["get /cameras/{id}/controls", 200, "/cameras/front/controls"],
  ["get /cameras/{id}/controls", 404, "/cameras/none/controls"],
  ["get /cameras/{id}/controls", 409, "/cameras/front/controls", gone],
  ["put /cameras/{id}/controls", 200, "/cameras/front/controls", live, '{"brightness":5}'],
  ["put /cameras/{id}/controls", 400, "/cameras/front/controls", live, "[]"],
  ["put /cameras/{id}/controls", 400, "/cameras/front/controls", live, "{"],
  ["put /cameras/{id}/controls", 404, "/cameras/none/controls", live, '{"brightness":5}'],
  ["put /cameras/{id}/controls", 409, "/cameras/front/controls", gone, '{"brightness":5}'],
  ["get /session", 200, "/session"],
  ["get /session", 200, "/session", closed],
  ["get /session", 200, "/session", failed],
  ["get /login", 200, "/login"],
  ["post /login", 204, "/login", closed, LOGIN],
  ["post /login", 400, "/login", closed, "[]"],
  ["post /login", 401, "/login", closed, '{"token":"wrong"}'],
  ["post /login", 401, "/login", closed, '{"name":"nobody","password":"wrong"}'],
  ["post /login", 429, "/login", failed, LOGIN],
  ["post /login", 503, "/login", crowded, '{"name":"viewer","password":"wrong"}'],
  ["post /logout", 204, "/logout", closed],
  ["get /shares", 200, "/shares", closed],
  ["get /shares", 503, "/shares", alone],
  ["post /shares", 201, "/shares", closed, WISH],
  ["post /shares", 400, "/shares", closed, "{}"],
  ["post /shares", 409, "/shares", live, WISH],
  ["post /shares", 503, "/shares", alone, WISH],
  ["delete /shares/{share}", 204, "/shares/known-share", closed],
  ["delete /shares/{share}", 404, "/shares/none", closed],
  ["delete /shares/{share}", 503, "/shares/known-share", alone],
  ["get /arrival", 200, "/arrival"],
  ["get /ws", 426, "/ws"],
  ["get /trust", 200, "/trust", trusted],
  ["get /trust/hello-websocket.crt", 200, "/trust/hello-websocket.crt", trusted],
  ["get /trust/hello-websocket.pem", 200, "/trust/hello-websocket.pem", trusted],
  ["get /healthz", 200, "/healthz"],
  ["get /healthz", 200, "/healthz?camera=front"],
  ["get /healthz", 200, "/healthz?camera=front&maxAge=1h"],
  ["get /healthz", 400, "/healthz?camera=front&maxAge=1"],
  ["get /healthz", 404, "/healthz?camera=none"],
  ["get /healthz", 503, "/healthz?camera=front", gone],
  ["get /readyz", 200, "/readyz"],
  ["get /readyz", 503, "/readyz", unready],
  ["get /metrics", 200, "/metrics"],
  ["get /openapi.json", 200, "/openapi.json"],
  ["get /stream", 200, "/stream"],
  ["get /stream", 404, "/stream?camera=none"],
  ["get /snapshot", 200, "/snapshot"],
  ["get /snapshot", 404, "/snapshot?camera=none"],
  ["get /state", 200, "/state"],
  ["get /state", 404, "/state?camera=none"],
  ["get /api/frame.jpeg", 200, "/api/frame.jpeg?src=front"],
  ["get /api/frame.jpeg", 404, "/api/frame.jpeg?src=none"],
  ["get /api/stream.mjpeg", 200, "/api/stream.mjpeg?src=front"],
  ["get /api/stream.mjpeg", 404, "/api/stream.mjpeg?src=none"],
  ["get /api/streams", 200, "/api/streams"],
  ["get /api/streams", 200, "/api/streams?src=front"],
  ["get /api/streams", 404, "/api/streams?src=none"],
];

const OWNER = { authorization: `Bearer ${TOKEN}` };
/** What is needed for them is said once for all routes. */
const REFUSALS = [401, 403, 429, 503];

let document: Document;
let operations: Map<string, OperationObject>;
beforeAll(async () => {
  const server = await AccessServer.start({ token: TOKEN });
  const { body } = await server.ask("/openapi.json", { headers: OWNER });
  document = JSON.parse(body.toString()) as Document;
  operations = new Map(
    Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
    ),
  );
  await server.stop();
});

/** The shape that the document gives to JSON of that name. */
const shape = (reference: string): ((body: unknown) => string) => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  const { schemas } = document.components;
  const validate = ajv.compile({ $ref: reference, components: { schemas } });
  return (body) => (validate(body) ? "" : ajv.errorsText(validate.errors));
};

/** An answer up to its first bytes: some go on for ever. */
const firstBytes = async (
  url: string,
  method: string,
  body: string | undefined,
): Promise<[IncomingMessage, Buffer]> => {
  const request = ask(url, {
    method,
    headers: { ...OWNER, ...(body === undefined ? {} : { "content-type": "application/json" }) },
  });
  request.end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  response.on("error", () => {});
  const endless = /^(multipart|video)\//.test(response.headers["content-type"] ?? "");
  await once(response, endless ? "data" : "end");
  response.destroy();
  return [response, Buffer.concat(chunks)];
};

const check = (
  response: Pick<IncomingMessage, "headers">,
  body: Buffer,
  documented: ResponseObject,
): void => {
  for (const name of Object.keys(documented.headers ?? {})) {
    // What stands for a camera's picture tells its state alone.
    if (name !== "X-State") expect(response.headers).toHaveProperty(name.toLowerCase());
  }
  if (documented.content === undefined) {
    expect(body.length).toBe(0);
    return;
  }
  const type = (response.headers["content-type"] ?? "").split(";")[0] ?? "";
  expect(Object.keys(documented.content)).toContain(type);
  const reference = documented.content[type]?.schema?.$ref;
  if (reference !== undefined) expect(shape(reference)(JSON.parse(body.toString()))).toBe("");
  else expect(body.length).toBeGreaterThan(0);
};

/** A route of the document as a request that nobody may make. */
const bare = (operation: string): { method: string; path: string } => {
  const [method = "", path = ""] = operation.split(" ");
  const at = path.replace("{id}", "front").replace("{share}", "known-share");
  return { method: method.toUpperCase(), path: at };
};

describe("/openapi.json", () => {
  test("is a right document of OpenAPI 3.1", async () => {
    const { valid, errors } = await new Validator().validate({ ...document });
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
  });

  test("describes every route", () => {
    const bare = [...operations].filter(([, operation]) => operation["x-undescribed"]).map(([name]) => name);
    expect(bare).toEqual([]);
    expect(operations.size).toBeGreaterThan(15);
  });

  test("tells of no answer that is not tried below", () => {
    const tried = new Set(CASES.map(([operation, status]) => `${operation} ${status}`));
    const told = [...operations].flatMap(([name, { responses }]) =>
      Object.keys(responses).map((status) => `${name} ${status}`),
    );
    const untried = told.filter((answer) => !tried.has(answer));
    expect(untried.filter((answer) => !REFUSALS.includes(Number(answer.split(" ")[2])))).toEqual([]);
    expect([...tried].filter((answer) => !told.includes(answer))).toEqual([]);
  });

  test("leaves out what is switched off", async () => {
    const server = await TestServer.start({ dropIn: false });
    servers.push(server);
    const { paths } = (await (await fetch(server.url("/openapi.json"))).json()) as Document;
    expect(Object.keys(paths)).not.toContain("/stream");
    expect(Object.keys(paths["/"]?.["get"]?.responses ?? {})).toEqual(["200", "401", "403", "429"]);
  });

  test.each<Case>(CASES)(
    "%s answers %i for %s as it says",
    async (operation, status, url, start = live, body) => {
      const server = await start();
      servers.push(server);
      const [method = ""] = operation.split(" ");
      const [response, bytes] = await firstBytes(server.url(url), method.toUpperCase(), body);
      expect(response.statusCode).toBe(status);
      const documented = operations.get(operation)?.responses[status];
      if (documented === undefined) throw new Error(`the document does not tell of ${operation} ${status}`);
      check(response, bytes, documented);
    },
  );

  test("tells how every route turns away who may not use it", async () => {
    const server = await AccessServer.start();
    servers.push(server);
    const publisher = { cookie: await server.login("recorder") };
    const seat = server.desk.seat();
    const { share, token } = await server.share({ maxViewers: 1 });
    await seat.enter(share.id);
    for (let n = 0; n < 10; n++) {
      await server.ask("/cameras", { from: "127.0.0.9", headers: { authorization: "Bearer wrong" } });
    }
    const ways: readonly [status: number, ask: Ask, applies: (operation: string) => boolean][] = [
      [401, {}, () => true],
      [403, { headers: publisher }, (name) => !/ \/log(in|out)$/.test(name)],
      [
        403,
        { headers: { ...publisher, origin: "https://evil.example" } },
        (name) => !name.startsWith("get "),
      ],
      [429, { from: "127.0.0.9", headers: { authorization: "Bearer wrong" } }, () => true],
      // A logout is refused below.
      [503, { headers: { authorization: `Bearer ${token}` } }, (name) => name !== "post /logout"],
    ];
    const tried = new Set(CASES.map(([operation, status]) => `${operation} ${status}`));
    for (const [operation, { responses }] of operations) {
      for (const [status, ask, applies] of ways) {
        const documented = responses[status];
        if (documented === undefined || tried.has(`${operation} ${status}`) || !applies(operation)) continue;
        const { method, path } = bare(operation);
        // The page takes no place of a share link; the pictures at its address do.
        const action = operation === "get /" && status === 503 ? "?action=snapshot" : "";
        const answer = await server.ask(path + action, { ...ask, method });
        expect([operation, answer.status]).toEqual([operation, status]);
        check(answer, answer.body, documented);
      }
    }
  });

  test("asks nothing of who needs no access", () => {
    const open = [...operations].filter(([, { responses }]) => responses[429] === undefined);
    expect(open.map(([name]) => name).toSorted()).toEqual([
      "get /login",
      "get /readyz",
      "get /session",
      "get /trust",
      "get /trust/hello-websocket.crt",
      "get /trust/hello-websocket.pem",
      "post /logout",
    ]);
  });

  test("a logout that nobody hears of says so", async () => {
    const server = await alone();
    servers.push(server);
    const [opened] = await firstBytes(server.url("/login"), "POST", LOGIN);
    const cookie = opened.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const answer = await fetch(server.url("/logout"), { method: "POST", headers: { cookie } });
    expect(answer.status).toBe(503);
    const documented = operations.get("post /logout")?.responses[503] as ResponseObject;
    const body = Buffer.from(await answer.arrayBuffer());
    check({ headers: Object.fromEntries(answer.headers) }, body, documented);
  });
});
