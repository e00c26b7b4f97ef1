import { readFileSync } from "node:fs";
import { z } from "zod";
import { CAMERA_ID } from "../../protocol/index.ts";
import { PAGE_OPERATION } from "./drop-in-operations.ts";
import type { Answer, Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { SCHEMAS } from "./schemas.ts";

/** One route of the server: `GET /cameras/:id`. */
export type Route = string;

type Json = Readonly<Record<string, unknown>>;

/** What of a document is for people alone. */
const DESCRIPTION =
  "Live cameras: the newest picture, streams, facts and controls. The WebSocket at /ws, by which the page sees them, is in docs/protocol.md.";

/**
 * The OpenAPI document of a server with these routes. One that nobody has described stands in it as such.
 */
export function openApiDocument(routes: readonly Route[], dropIn: boolean): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const [method = "", url = ""] = route.split(" ");
    const operation = route === "GET /" && !dropIn ? PAGE_OPERATION : OPERATIONS[route];
    const path = url.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [method.toLowerCase()]: described(url, operation) };
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
    security: [{ token: [] }, {}],
    tags: ["cameras", "operations", "page", "drop-in"].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, plain(schema)])),
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "needed where the server is open to others" },
      },
    },
  };
}

function described(url: string, operation: Operation | undefined): Json {
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
  const all = { ...answers, 401: UNKNOWN_VISITOR };
  return {
    tags: [tag],
    summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { "application/json": { schema: reference(body) } } } }),
    responses: Object.fromEntries(Object.entries(all).map(([status, answer]) => [status, response(answer)])),
  };
}

const UNKNOWN_VISITOR: Answer = {
  description: "the server needs its token, and it was not there or not right",
  content: { "application/json": "Error" },
};

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
    content: Object.fromEntries(shapes),
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
