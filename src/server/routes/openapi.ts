import type { FastifyInstance } from "fastify";

/** Files of the page: no part of what programs use. */
const FILES = "/*";

/**
 * `/openapi.json`: what every route is for, for programs. To be called before the first route is made. The document is put together
 * when somebody asks for it.
 */
export function openApiRoutes(app: FastifyInstance, dropIn: boolean): void {
  const routes = new Set<string>();
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD" && url !== FILES) routes.add(`${one} ${url}`);
  });

  let document: unknown;
  app.get("/openapi.json", { config: { need: "view" } }, async () => {
    const { openApiDocument } = await import("../openapi/document.ts");
    // The page is a file like others, at an address of its own.
    document ??= openApiDocument(["GET /", ...[...routes].filter((route) => route !== "GET /")], dropIn);
    return document;
  });
}
