import type { FastifyInstance } from "fastify";
import type { DescribedRoute } from "../openapi/document.ts";

/** Files of the page: no part of what programs use. */
const FILES: readonly string[] = ["/*", "/index.html"];

/**
 * `/openapi.json`: what every route is for, for programs. To be called before the first route is made. The document is put together
 * when somebody asks for it.
 */
export function openApiRoutes(app: FastifyInstance, dropIn: boolean): void {
  const routes = new Map<string, DescribedRoute>();
  app.addHook("onRoute", ({ method, url, config }) => {
    if (FILES.includes(url)) return;
    const { need = "admin", pictures = false } = config ?? {};
    // The page and the streams of other streamers share an address: the document tells of both what either may answer.
    for (const one of [method].flat()) {
      const known = routes.get(`${one} ${url}`);
      const takesPlace = pictures || known?.pictures === true;
      if (one !== "HEAD") routes.set(`${one} ${url}`, { method: one, url, need, pictures: takesPlace });
    }
  });

  let document: unknown;
  app.get("/openapi.json", { config: { need: "view" } }, async () => {
    const { openApiDocument } = await import("../openapi/document.ts");
    document ??= openApiDocument([...routes.values()], dropIn);
    return document;
  });
}
