import { fileURLToPath } from "node:url";
import type { Address, Bus } from "../bus/index.ts";
import type { RunningServer } from "../server/server.ts";
import { openAccessState } from "./access-state.ts";
import { sayLink } from "./entrance-link.ts";
import { type Program, withoutOptions } from "./program.ts";

/** Start the server on `bus`, in this process, and tell the user where. */
export async function serve(
  bus: Bus,
  { config, environment, log, signal, say }: Program,
): Promise<RunningServer> {
  // Only here: where workers serve, this process does without a web server.
  const Server = await import("../server/server.ts");
  const { host, port } = config;
  const state = openAccessState(config, environment, log);
  const { token, closed, key, name, desk } = state;
  const { ledger } = desk;
  const { allowedOrigins } = config;
  const access = { closed, key, name, ledger, desk: desk.seat(), allowedOrigins };
  const pageDirectory = fileURLToPath(new URL("../page/", import.meta.url));
  const server = await Server.run({ bus, host, port, token, access, pageDirectory, signal });
  await sayLink(say, config, server.port, state);
  return server;
}

/** Start the server in as many processes as the user wants, each with the cameras of `mapper`, and tell the user where. */
export async function serveByWorkers(mapper: Address, program: Program): Promise<RunningServer> {
  const { runWorkers } = await import("./workers.ts");
  const { config, log, signal, say } = program;
  const { host, port } = config;
  const state = openAccessState(config, program.environment, log);
  const { token, closed, name, desk } = state;
  const access = {
    closed,
    key: state.key.toString("base64url"),
    name,
    allowedOrigins: config.allowedOrigins,
  };
  const server = await runWorkers({
    count: config.workers,
    host,
    port,
    orders: { mapper, token, access, logLevel: config.logLevel },
    desk,
    environment: withoutOptions(program.environment),
    log,
    signal,
  });
  await sayLink(say, config, server.port, state);
  return server;
}
