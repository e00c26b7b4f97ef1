import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { FastifyError, FastifyInstance } from "fastify";

/** Where a server writes what its owner should know. A pino logger is one. */
export interface ServerLog {
  debug(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** The log of one that has none. */
export const SILENT: ServerLog = { debug: () => {}, error: () => {} };

/** Ids of requests that a proxy may have given: what is safe in a log. */
const REQUEST_ID = /^[\w.-]{1,64}$/;

/** The id of a request: that of the proxy in front, if it has given a sane one, else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && REQUEST_ID.test(given) ? given : randomUUID();
}

/**
 * Write each request that was answered to the log, and what went wrong, with an id that its client is told. Of an address only the path
 * is written: what stands behind it may be a token. So an error of ours is told to the log whole, and to the client by its id.
 */
export function logRequests(app: FastifyInstance, log: ServerLog): void {
  app.addHook("onRequest", (request, reply, done) => {
    reply.header("X-Request-Id", request.id);
    done();
  });

  app.addHook("onResponse", (request, reply, done) => {
    const facts = {
      request: request.id,
      method: request.method,
      path: pathOf(request.url),
      status: reply.raw.statusCode,
      ms: Math.round(reply.elapsedTime),
      address: request.ip,
    };
    log.debug(facts, "a request was answered");
    done();
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status < 500) return reply.code(status).send({ error: error.message });
    const facts = { request: request.id, path: pathOf(request.url), error: error.stack ?? error.message };
    log.error(facts, "answering a request failed");
    return reply
      .code(500)
      .send({ error: `this is a fault of the server; its log says more of ${request.id}` });
  });
}

function pathOf(url: string): string {
  return url.split("?")[0] ?? "";
}
