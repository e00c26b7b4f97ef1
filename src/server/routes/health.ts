import type { FastifyInstance } from "fastify";
import type { Bus } from "../../bus/index.ts";
import type { Census } from "../census.ts";

/** `/healthz`: the server answers, and how many cameras are live. */
export function healthRoutes(app: FastifyInstance, bus: Bus, census: Census): void {
  app.get("/healthz", async () => {
    const cameras = bus.cameras();
    const live = cameras.filter(({ state }) => state === "live").length;
    const { viewers } = await census({});
    return { status: "ok", cameras: cameras.length, live, viewers };
  });
}
