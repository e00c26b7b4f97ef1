import { fileURLToPath } from "node:url";
import type { Address, Bus } from "../bus/index.ts";
import type { ProcessMetrics } from "../server/metrics/server-metrics.ts";
import type { RunningServer, ServerOptions } from "../server/server.ts";
import { type AccessState, openAccessState } from "./access-state.ts";
import { openEntry } from "./certificate.ts";
import { sayLink } from "./entrance-link.ts";
import { HUB } from "./hub.ts";
import { type Program, withoutOptions } from "./program.ts";
import type { WorkersOptions } from "./workers.ts";

/** Start the server on `bus`, in this process, and tell the user where. */
export async function serve(
  bus: Bus,
  program: Program,
  { families, unready }: Pick<ServerOptions, "unready"> & Pick<ProcessMetrics, "families">,
): Promise<RunningServer> {
  const { config, environment, log, signal, say } = program;
  // Only here: where workers serve, this process does without a web server.
  const Server = await import("../server/server.ts");
  const { host, port, allowedOrigins, dropIn } = config;
  const state = openAccessState(config, environment, log);
  const { token, closed, key, name, desk } = state;
  const { ledger } = desk;
  followUsers(program, state);
  const entry = await openEntry(program);
  const { certificate } = entry;
  const options = {
    bus,
    host,
    port,
    token,
    access: { closed, key, name, ledger, desk: desk.seat(), allowedOrigins },
    ...entry.edge,
    pageDirectory: fileURLToPath(new URL("../page/", import.meta.url)),
    dropIn,
    process: { name: "main", ...(families && { families }) },
    ...(unready && { unready }),
    log,
    signal,
    hub: HUB,
  };
  const server =
    certificate === undefined
      ? await Server.run(options)
      : await (await import("../server/tls/secure-server.ts")).runSecure({ ...options, certificate });
  await sayLink(say, config, server.port, state, entry.edge.authority);
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
  followUsers(program, state);
  const access = { closed, key: state.key.toString("base64url"), name, allowedOrigins };
  const { edge, certificate } = await openEntry(program);
  const server = await runWorkers({
    count: config.workers,
    host,
    port,
    orders: { mapper, token, access, edge, logLevel, logFormat, dropIn, hub: HUB },
    desk,
    certificate,
    environment: withoutOptions(program.environment),
    restarts,
    families,
    log,
    signal,
  });
  await sayLink(say, config, server.port, state, edge.authority);
  return server;
}

/** Whoever is no longer a user, or has another role, is out at once, in every process. */
function followUsers({ reload, log }: Program, { desk, closed, token }: AccessState): void {
  let asks = closed;
  reload.on(["users"], ({ users }) => {
    desk.change({ type: "users", users });
    if (users.length > 0 && !asks) {
      asks = true;
      log.warn(
        "everybody must log in now; logins and share links outlive this program from its next start on",
      );
    } else if (users.length === 0 && token === undefined) {
      log.warn("nobody can log in now: this server asks for nobody again after a restart");
    }
  });
}
