import type { FastifyInstance } from "fastify";
import type { Census } from "../census.ts";

/** `/metrics`: what Prometheus reads, of all processes that share this port. */
export function metricsRoutes(app: FastifyInstance, census: Census): void {
  app.get("/metrics", { config: { need: "view" } }, async (_, reply) => {
    const { exposition, METRICS_TYPE } = await import("../metrics/exposition.ts");
    const { metrics = [] } = await census({ metrics: true });
    return reply
      .header("Content-Type", METRICS_TYPE)
      .header("Cache-Control", "no-store")
      .send(await exposition(metrics));
  });
}
