import type { FastifyInstance } from "fastify";
import type { Census } from "../census.ts";
import type { Family } from "../metrics/family.ts";

/**
 * `/metrics`: what Prometheus reads, of all processes that share this port. Who sees only some of the cameras gets the lines of these, and
 * none of the whole server.
 */
export function metricsRoutes(app: FastifyInstance, census: Census): void {
  app.get("/metrics", { config: { need: "view" } }, async ({ visitor }, reply) => {
    const { exposition, METRICS_TYPE } = await import("../metrics/exposition.ts");
    const { metrics = [] } = await census({ metrics: true });
    return reply
      .header("Content-Type", METRICS_TYPE)
      .header("Cache-Control", "no-store")
      .send(await exposition(metricsFor(metrics, visitor?.cameras)));
  });
}

function metricsFor(
  families: readonly Family[],
  cameras: ReadonlySet<string> | undefined,
): readonly Family[] {
  if (cameras === undefined) return families;
  const isSeen = (camera: string | undefined): boolean => camera !== undefined && cameras.has(camera);
  return families.map(({ values, ...kind }) => ({
    ...kind,
    values: values.filter(({ labels }) => isSeen(labels["camera"])),
  }));
}
