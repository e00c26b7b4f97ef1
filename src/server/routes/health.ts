import type { FastifyInstance } from "fastify";
import type { Bus } from "../../bus/index.ts";

/** `/healthz`: the server answers, and how many cameras are live. */
export function healthRoutes(app: FastifyInstance, bus: Bus, viewers: () => number): void {
  app.get("/healthz", () => {
    const cameras = bus.cameras();
    const live = cameras.filter(({ state }) => state === "live").length;
    return { status: "ok", cameras: cameras.length, live, viewers: viewers() };
  });
}
