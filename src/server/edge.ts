import type { FastifyInstance } from "fastify";
import { outsideOf, type Surroundings, scopedCookie } from "./outside.ts";

/** What stands at the edge of a server: between it and its clients. */
export interface Edge {
  /** Proxies; absent: there are none. */
  readonly surroundings?: Surroundings | undefined;
  /** Certificate of the authority that made the server's own, in PEM: offered at `/trust`. */
  readonly authority?: string | undefined;
  /** Seconds for which browsers shall come to its name over https alone; absent: they may come as they like. */
  readonly strictTransportSeconds?: number | undefined;
}

/** What is done in front of every route, and behind it: the first of all hooks. */
export function edgeHooks(app: FastifyInstance, { surroundings }: Edge): void {
  const bare = surroundings?.basePath.slice(0, -1) ?? "";

  app.addHook("onRequest", async (request, reply) => {
    const [path, query] = request.url.split("?");
    if (bare === "" || path !== bare) return undefined;
    // What the page names is relative to a path that ends with a slash.
    return reply.redirect(outsideOf(request.raw).path + (query === undefined ? "" : `?${query}`));
  });

  app.addHook("onSend", async (request, reply) => {
    const cookies = reply.getHeader("set-cookie");
    if (cookies === undefined) return;
    const outside = outsideOf(request.raw);
    const scoped = [cookies].flat().map((cookie) => scopedCookie(String(cookie), outside));
    reply.removeHeader("set-cookie").header("set-cookie", scoped);
  });
}
