import { fileURLToPath } from "node:url";
import type { Address, Bus } from "../bus/index.ts";
import type { ProcessMetrics } from "../server/metrics/server-metrics.ts";
import type { RunningServer, ServerOptions } from "../server/server.ts";
import { openAccessState } from "./access-state.ts";
import { sayLink } from "./entrance-link.ts";
import { type Program, withoutOptions } from "./program.ts";
import type { WorkersOptions } from "./workers.ts";

/** Start the server on `bus`, in this process, and tell the user where. */
export async function serve(
  bus: Bus,
  { config, environment, log, signal, say }: Program,
  { families, unready }: Pick<ServerOptions, "unready"> & Pick<ProcessMetrics, "families">,
): Promise<RunningServer> {
  // Only here: where workers serve, this process does without a web server.
  const Server = await import("../server/server.ts");
  const { host, port, allowedOrigins, dropIn } = config;
  const state = openAccessState(config, environment, log);
  const { token, closed, key, name, desk } = state;
  const { ledger } = desk;
  const server = await Server.run({
    bus,
    host,
    port,
    token,
    access: { closed, key, name, ledger, desk: desk.seat(), allowedOrigins },
    pageDirectory: fileURLToPath(new URL("../page/", import.meta.url)),
    dropIn,
    process: { name: "main", ...(families && { families }) },
    ...(unready && { unready }),
    log,
    signal,
  });
  await sayLink(say, config, server.port, state);
  return server;
}

/** Start the server in as many processes as the user wants, each with the cameras of `mapper`, and tell the user where. */
export async function serveByWorkers(
  mapper: Address,
  program: Program,
  { restarts, families }: Pick<WorkersOptions, "restarts" | "families">,
): Promise<RunningServer> {
  const { runWorkers } = await import("./workers.ts");
  const { config, log, signal, say } = program;
  const { host, port, logLevel, logFormat, dropIn, allowedOrigins } = config;
  const state = openAccessState(config, program.environment, log);
  const { token, closed, name, desk } = state;
  const access = { closed, key: state.key.toString("base64url"), name, allowedOrigins };
  const server = await runWorkers({
    count: config.workers,
    host,
    port,
    orders: { mapper, token, access, logLevel, logFormat, dropIn },
    desk,
    environment: withoutOptions(program.environment),
    restarts,
    families,
    log,
    signal,
  });
  await sayLink(say, config, server.port, state);
  return server;
}
