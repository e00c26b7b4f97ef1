import type { FastifyInstance } from "fastify";
import type { Census } from "../census.ts";

/** `/healthz`: the server answers, and how many cameras are live. */
export function healthRoutes(app: FastifyInstance, census: Census): void {
  app.get("/healthz", { config: { need: "view" } }, async ({ bus }) => {
    const cameras = bus.cameras();
    const live = cameras.filter(({ state }) => state === "live").length;
    const { viewers } = await census(undefined);
    return { status: "ok", cameras: cameras.length, live, viewers };
  });
}
