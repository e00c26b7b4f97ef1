import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { Address, Bus } from "../bus/index.ts";
import type { RunningServer } from "../server/server.ts";
import { pageUrl } from "./addresses.ts";
import { type Entry, openEntry } from "./certificate.ts";
import type { Config } from "./config.ts";
import { type Program, withoutOptions } from "./program.ts";

/** Bytes of a token that is made here. */
const TOKEN_BYTES = 18;

/** Start the server on `bus`, in this process, and tell the user where. */
export async function serve(bus: Bus, program: Program): Promise<RunningServer> {
  const { config, signal } = program;
  // Only here: where workers serve, this process does without a web server.
  const Server = await import("../server/server.ts");
  const { host, port } = config;
  const token = tokenFor(config);
  const pageDirectory = fileURLToPath(new URL("../page/", import.meta.url));
  const entry = await openEntry(program);
  const options = { bus, host, port, token, pageDirectory, signal, ...entry.edge };
  const { certificate } = entry;
  const server =
    certificate === undefined
      ? await Server.run(options)
      : await (await import("../server/tls/secure-server.ts")).runSecure({ ...options, certificate });
  await tell(program, server, token, entry);
  return server;
}

/** Start the server in as many processes as the user wants, each with the cameras of `mapper`, and tell the user where. */
export async function serveByWorkers(mapper: Address, program: Program): Promise<RunningServer> {
  const { runWorkers } = await import("./workers.ts");
  const { config, log, signal } = program;
  const { host, port } = config;
  const token = tokenFor(config);
  const entry = await openEntry(program);
  const { edge, certificate } = entry;
  const server = await runWorkers({
    count: config.workers,
    host,
    port,
    orders: { mapper, token, edge, logLevel: config.logLevel },
    certificate,
    environment: withoutOptions(program.environment),
    log,
    signal,
  });
  await tell(program, server, token, entry);
  return server;
}

/** Tell the user where the server is, and what its authority is known by. */
async function tell(
  { config, say }: Program,
  { port }: RunningServer,
  token: string | undefined,
  { edge, certificate }: Entry,
): Promise<void> {
  const { host } = config;
  const scheme = certificate === undefined ? "http" : "https";
  const { basePath } = config.door.surroundings;
  say(pageUrl(host, port, token, { scheme, path: basePath }));
  if (edge.authority === undefined) return;
  const { TrustPage } = await import("../server/tls/trust-page.ts");
  const { fingerprint } = new TrustPage(edge.authority);
  // In the clear: before a device trusts the authority, https is a warning.
  say(`to trust it on a phone: ${pageUrl(host, port, undefined, { path: `${basePath}trust` })}`);
  say(`SHA-256 of its authority: ${fingerprint}`);
}

/** The user's token; an address that others can reach gets one in any case. */
function tokenFor({ token, open }: Config): string | undefined {
  return token ?? (open ? randomBytes(TOKEN_BYTES).toString("base64url") : undefined);
}
