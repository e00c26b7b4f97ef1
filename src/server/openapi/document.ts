import { readFileSync } from "node:fs";
import { z } from "zod";
import { CAMERA_ID } from "../../protocol/index.ts";
import type { Need } from "../access/gate.ts";
import { PAGE_OPERATION } from "./drop-in-operations.ts";
import { type Answer, type Operation, problem, WAIT } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { SCHEMAS } from "./schemas.ts";

/** One route of the server, and what of it decides who is turned away. */
export interface DescribedRoute {
  readonly method: string;
  /** `/cameras/:id` */
  readonly url: string;
  readonly need: Need;
  /** Who has a share link takes one of its places. */
  readonly pictures: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** What of a document is for people alone. */
const DESCRIPTION =
  "Live cameras: the newest picture, streams, facts and controls. The WebSocket at /ws, by which the page sees them, is in docs/protocol.md.";

/**
 * The OpenAPI document of a server with these routes. One that nobody has described stands in it as such.
 */
export function openApiDocument(routes: readonly DescribedRoute[], dropIn: boolean): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const { method, url } = route;
    const name = `${method} ${url}`;
    const operation = name === "GET /" && !dropIn ? PAGE_OPERATION : OPERATIONS[name];
    const path = url.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(route, operation) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "hello-websocket",
      version: version(),
      description: DESCRIPTION,
      license: { name: "MIT", identifier: "MIT" },
    },
    // Relative to where the document is: also behind a proxy with a path of its own.
    servers: [{ url: "." }],
    security: [{ token: [] }, { password: [] }, { session: [] }, { link: [] }, {}],
    tags: ["cameras", "access", "operations", "page", "drop-in"].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, plain(schema)])),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "the server's token, or that of a share link" },
        password: {
          type: "http",
          scheme: "basic",
          description: "a user's name and password, or any other name and a token",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "hello_session_NAME",
          description: "what /login gives",
        },
        link: {
          type: "apiKey",
          in: "query",
          name: "token",
          description: "a token, for who can send no header",
        },
      },
    },
  };
}

function described({ url, ...route }: DescribedRoute, operation: Operation | undefined): Json {
  if (operation === undefined) return { summary: "not described", responses: {}, "x-undescribed": true };
  const { tag, summary, query = [], body, answers } = operation;
  const parameters = [
    ...[...url.matchAll(/:(\w+)/g)].map(([, name]) => ({
      name,
      in: "path",
      required: true,
      schema: name === "id" ? { type: "string", pattern: CAMERA_ID.source } : { type: "string" },
    })),
    ...query.map(({ name, description, pattern }) => ({
      name,
      in: "query",
      description,
      schema: { type: "string", ...(pattern === undefined ? {} : { pattern }) },
    })),
  ];
  const all = { ...refusals(route), ...answers };
  return {
    tags: [tag],
    summary,
    ...(route.need === "nothing" ? { security: [] } : {}),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: reference(body) } } } }),
    responses: Object.fromEntries(Object.entries(all).map(([status, answer]) => [status, response(answer)])),
  };
}

/** How who may not do it is turned away. */
function refusals({ need, pictures, method }: Omit<DescribedRoute, "url">): Readonly<Record<number, Answer>> {
  const foreign = method === "GET" ? {} : { 403: problem("a page of another origin asks") };
  if (need === "nothing") return foreign;
  return {
    401: problem("it is not known who asks: no token and no session, or none that is right"),
    403: problem(`this needs the role ${need}, or a page of another origin asks`),
    429: WAIT,
    ...(pictures ? { 503: problem("as many watch with this share link as may") } : {}),
  };
}

function response({ description, content, headers = {} }: Answer): Json {
  const shapes = Object.entries(content).map(([type, shape]): [string, Json] => {
    if (shape === "bytes") return [type, {}];
    if (shape === "text") return [type, { schema: {} }];
    return [type, { schema: reference(shape) }];
  });
  const told = Object.entries(headers).map(([name, meaning]) => [
    name,
    { description: meaning, schema: { type: "string" } },
  ]);
  return {
    description,
    ...(told.length === 0 ? {} : { headers: Object.fromEntries(told) }),
    ...(shapes.length === 0 ? {} : { content: Object.fromEntries(shapes) }),
  };
}

function reference(name: string): Json {
  return { $ref: `#/components/schemas/${name}` };
}

function plain(schema: z.ZodType): Json {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema);
  return rest;
}

function version(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
