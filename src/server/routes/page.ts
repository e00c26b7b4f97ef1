import fastifyStatic from "@fastify/static";
import type { FastifyInstance } from "fastify";

/**
 * The page, for who may watch. Its scripts and style sheets are for everybody: they are the same everywhere, hold no secret, and the
 * form that asks who one is needs some of them.
 */
export async function pageRoutes(app: FastifyInstance, directory: string): Promise<void> {
  await app.register(fastifyStatic, { root: directory, cacheControl: true, maxAge: 0, serve: false });
  app.get("/", { config: { need: "view" } }, (_, reply) => reply.sendFile("index.html"));
  app.get("/index.html", { config: { need: "view" } }, (_, reply) => reply.sendFile("index.html"));
  app.get<{ Params: { "*": string } }>("/*", { config: { need: "nothing" } }, (request, reply) =>
    reply.sendFile(request.params["*"]),
  );
}
