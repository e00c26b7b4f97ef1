import type { FastifyInstance } from "fastify";
import { TrustPage } from "../tls/trust-page.ts";

/** The page that helps people to trust the server's own authority, and the certificate: for everybody. `authority` in PEM. */
export function trustRoutes(app: FastifyInstance, authority: string): void {
  const page = new TrustPage(authority);
  for (const path of page.paths) {
    app.get(path, { config: { need: "nothing" } }, (request, reply) => {
      reply.hijack();
      page.answer(request.raw, reply.raw);
    });
  }
}
