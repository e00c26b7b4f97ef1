import type { FastifyInstance } from "fastify";
import { outsideOf } from "../outside.ts";

/**
 * `/arrival`: how a request arrives here, for who looks for what a proxy has changed. And `/ws` for a request that has lost its
 * upgrade on the way.
 */
export function arrivalRoutes(app: FastifyInstance): void {
  app.get("/arrival", { config: { need: "view" } }, (request, reply) => {
    const { host, origin } = request.headers;
    return reply.header("Cache-Control", "no-store").send({ ...outsideOf(request.raw), host, origin });
  });

  app.get("/ws", { config: { need: "view" } }, (_, reply) =>
    reply
      .code(426)
      .header("Upgrade", "websocket")
      .header("Connection", "Upgrade")
      .send({ error: LOST_UPGRADE }),
  );
}

const LOST_UPGRADE =
  "this is a WebSocket: expected the headers Upgrade and Connection, which a proxy in between may have dropped";
