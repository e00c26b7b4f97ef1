import { readFileSync } from "node:fs";
import type { FastifyInstance } from "fastify";
import type { Bus } from "../../bus/index.ts";
import { CameraMetrics } from "./camera-metrics.ts";
import { counter, type Family, gauge, type Kind } from "./family.ts";
import { hubMetrics } from "./hub-metrics.ts";

/** What the process adds to the metrics of the server in it. */
export interface ProcessMetrics {
  /** What the process is called in its lines: `main`, `worker-1`. */
  readonly name: string;
  /** What is known in it beside the server; absent: nothing. */
  readonly families?: () => readonly Family[];
}

/** What a server counts that no bus does. */
interface ServerCounts {
  readonly viewers: number;
  readonly readers: number;
}

const BUILD: Kind = gauge("build_info", "1, with the version of this program.");
const VIEWERS: Kind = gauge("viewers", "WebSockets that are open.", "sum");
const READERS: Kind = gauge(
  "readers",
  "Requests for pictures over plain HTTP that are being answered.",
  "sum",
);
const REQUESTS: Kind = counter(
  "http_requests",
  "Requests over HTTP that were answered, by route and status.",
);

/** Everything that a server's process tells in `/metrics`. */
export class ServerMetrics {
  readonly #bus: Bus;
  readonly #cameras: CameraMetrics;
  readonly #counts: () => ServerCounts;
  readonly #process: ProcessMetrics;
  /** By `METHOD route status`, which no client can make more of. */
  readonly #requests = new Map<string, number>();

  constructor(bus: Bus, counts: () => ServerCounts, process: ProcessMetrics) {
    this.#bus = bus;
    this.#cameras = new CameraMetrics(bus);
    this.#counts = counts;
    this.#process = process;
  }

  /** Count the requests that `app` answers. */
  watch(app: FastifyInstance): void {
    app.addHook("onResponse", (request, reply, done) => {
      const route = request.routeOptions.url ?? "none";
      const key = `${request.method} ${route} ${reply.raw.statusCode}`;
      this.#requests.set(key, (this.#requests.get(key) ?? 0) + 1);
      done();
    });
  }

  /** All of it, as it is now. */
  async families(): Promise<readonly Family[]> {
    // Who never asks for metrics never loads what makes them.
    const { processMetrics } = await import("./exposition.ts");
    const { viewers, readers } = this.#counts();
    const one = (kind: Kind, value: number, labels: Record<string, string> = {}): Family => ({
      ...kind,
      values: [{ labels, value }],
    });
    return [
      one(BUILD, 1, { version: version() }),
      one(VIEWERS, viewers),
      one(READERS, readers),
      {
        ...REQUESTS,
        values: [...this.#requests].map(([key, value]) => {
          const [method = "", route = "", status = ""] = key.split(" ");
          return { labels: { method, route, status }, value };
        }),
      },
      ...this.#cameras.families(),
      ...hubMetrics(this.#bus, "server"),
      ...(this.#process.families?.() ?? []),
      ...(await processMetrics(this.#process.name)),
    ];
  }

  /** Follow no more. */
  close(): void {
    this.#cameras[Symbol.dispose]();
  }
}

function version(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly version: string }).version;
}
