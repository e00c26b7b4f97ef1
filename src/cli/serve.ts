import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Address, Bus } from "../bus/index.ts";
import type { RunningServer } from "../server/server.ts";
import { pageUrl } from "./addresses.ts";
import type { Config } from "./config.ts";
import { HUB } from "./hub.ts";
import { type Program, withoutOptions } from "./program.ts";

/** Bytes of a token that is made here. */
const TOKEN_BYTES = 18;

/** Start the server on `bus`, in this process, and tell the user where. */
export async function serve(bus: Bus, { config, signal, say }: Program): Promise<RunningServer> {
  // Only here: where workers serve, this process does without a web server.
  const Server = await import("../server/server.ts");
  const { host, port } = config;
  const token = tokenFor(config);
  const pageDirectory = fileURLToPath(new URL("../page/", import.meta.url));
  const server = await Server.run({ bus, host, port, token, pageDirectory, signal, hub: HUB });
  say(pageUrl(host, server.port, token));
  return server;
}

/** Start the server in as many processes as the user wants, each with the cameras of `mapper`, and tell the user where. */
export async function serveByWorkers(mapper: Address, program: Program): Promise<RunningServer> {
  const { runWorkers } = await import("./workers.ts");
  const { config, log, signal, say } = program;
  const { host, port } = config;
  const token = tokenFor(config);
  const server = await runWorkers({
    count: config.workers,
    host,
    port,
    orders: { mapper, token, logLevel: config.logLevel, hub: HUB },
    environment: withoutOptions(program.environment),
    log,
    signal,
  });
  say(pageUrl(host, server.port, token));
  return server;
}

/** The user's token; an address that others can reach gets one in any case. */
function tokenFor({ token, open }: Config): string | undefined {
  return token ?? (open ? randomBytes(TOKEN_BYTES).toString("base64url") : undefined);
}
