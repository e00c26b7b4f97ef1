import { AggregatorRegistry, collectDefaultMetrics, Registry } from "prom-client";
import type { Family } from "./family.ts";

/** Gauges whose names end as only those of counters may. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];

/** The media type of the text. */
export const METRICS_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

let registry: Registry | undefined;

/**
 * What Node and the system say of this process, as lines of `process`. Before the first call nothing of it is measured: who never asks
 * never pays.
 */
export async function processMetrics(process: string): Promise<readonly Family[]> {
  if (registry === undefined) {
    registry = new Registry();
    collectDefaultMetrics({ register: registry });
    for (const name of MISNAMED) registry.removeSingleMetric(name);
  }
  const metrics = (await registry.getMetricsAsJSON()) as unknown as readonly Family[];
  return metrics.map((family) => ({
    ...family,
    // Every process has lines of its own, so none is ever added to another.
    aggregator: "max",
    values: family.values.map((sample) => ({ ...sample, labels: { ...sample.labels, process } })),
  }));
}

/** The text of `/metrics`: the same lines of several sources are one. */
export function exposition(families: readonly Family[]): Promise<string> {
  const filled = families.filter(({ values }) => values.length > 0);
  return AggregatorRegistry.aggregate([filled] as unknown as object[]).metrics();
}
