import type { Counted } from "../../flow/index.ts";

/** One line of `/metrics`. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Its name, where that is not the family's: of a histogram's lines. */
  readonly metricName?: string;
}

/** One metric of one process, in the form in which prom-client takes it. It travels between processes. */
export interface Family {
  readonly name: string;
  /** One line for people. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  /** How the same line of several processes becomes one. */
  readonly aggregator: "sum" | "max";
  readonly values: readonly Sample[];
}

/** A metric as it stands in the list of all metrics, without its lines. */
export type Kind = Omit<Family, "values">;

/** A metric that only grows; of several processes the sum. */
export function counter(name: string, help: string): Kind {
  return { name: `hello_websocket_${name}_total`, help, type: "counter", aggregator: "sum" };
}

/** A metric that comes and goes. `max`: each process sees the same, or less of it. */
export function gauge(name: string, help: string, aggregator: "sum" | "max" = "max"): Kind {
  return { name: `hello_websocket_${name}`, help, type: "gauge", aggregator };
}

/** A metric by ranges of a value, of all processes together. */
export function histogram(name: string, help: string): Kind {
  return { name: `hello_websocket_${name}`, help, type: "histogram", aggregator: "sum" };
}

/** The lines of a histogram, for one set of labels. `bounds` are those by which was counted. */
export function ranges(
  { name }: Kind,
  labels: Sample["labels"],
  bounds: readonly number[],
  { counts, sum }: Counted,
): readonly Sample[] {
  let below = 0;
  const buckets = counts.map((count, range): Sample => {
    below += count;
    const le = bounds[range]?.toString() ?? "+Inf";
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
