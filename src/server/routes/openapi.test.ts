import { once } from "node:events";
import { request as ask, type IncomingMessage } from "node:http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { TestServer } from "../../../test/support/test-server.ts";
import { VideoServer } from "../../../test/support/video-server.ts";

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
  readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>;
}

const servers: (TestServer | VideoServer)[] = [];
const stop = async (server: TestServer | VideoServer): Promise<void> =>
  server instanceof TestServer ? server.stop() : server[Symbol.asyncDispose]();
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

/** How each answer that the document tells of is brought about. */
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

let document: Document;
let operations: Map<string, OperationObject>;
beforeAll(async () => {
  const server = await TestServer.start();
  document = (await (await fetch(server.url("/openapi.json"))).json()) as Document;
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
    headers: body === undefined ? {} : { "content-type": "application/json" },
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

const check = (response: IncomingMessage, body: Buffer, documented: ResponseObject): void => {
  const type = (response.headers["content-type"] ?? "").split(";")[0] ?? "";
  expect(Object.keys(documented.content)).toContain(type);
  const reference = documented.content[type]?.schema?.$ref;
  if (reference !== undefined) expect(shape(reference)(JSON.parse(body.toString()))).toBe("");
  else expect(body.length).toBeGreaterThan(0);
  // What stands for a camera's picture tells its state alone.
  for (const name of Object.keys(documented.headers ?? {})) {
    if (name !== "X-State") expect(response.headers).toHaveProperty(name.toLowerCase());
  }
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
    expect(told.filter((answer) => !answer.endsWith(" 401") && !tried.has(answer))).toEqual([]);
    expect([...tried].filter((answer) => !told.includes(answer))).toEqual([]);
  });

  test("leaves out what is switched off", async () => {
    const server = await TestServer.start({ dropIn: false });
    servers.push(server);
    const { paths } = (await (await fetch(server.url("/openapi.json"))).json()) as Document;
    expect(Object.keys(paths)).not.toContain("/stream");
    expect(Object.keys(paths["/"]?.["get"]?.responses ?? {})).toEqual(["200", "401"]);
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

  test("tells what every route answers without the token", async () => {
    const server = await TestServer.start({ token: "secret-token" });
    servers.push(server);
    for (const [operation, { responses }] of operations) {
      const [method = "", path = ""] = operation.split(" ");
      const url = server.url(path.replace("{id}", "front"));
      const [response, bytes] = await firstBytes(url, method.toUpperCase(), undefined);
      expect([operation, response.statusCode]).toEqual([operation, 401]);
      check(response, bytes, responses[401] as ResponseObject);
    }
  });
});
