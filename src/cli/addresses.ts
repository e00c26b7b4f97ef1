import { networkInterfaces, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { LocalAddress } from "../bus/index.ts";
import { isLoopback } from "../server/access/loopback.ts";

/**
 * Where a mapper listens, and where recorders and servers look for it, unless the user says otherwise: a socket that
 * belongs to this user alone. `name` tells several of them apart.
 */
export function mapperAddress(name: string, environment: NodeJS.ProcessEnv): LocalAddress {
  if (process.platform === "win32") {
    return { kind: "path", path: `\\\\.\\pipe\\hello-websocket-${userInfo().username}-${name}` };
  }
  return { kind: "path", path: join(runtimeFolder(environment), `${name}.sock`) };
}

/** Where this user's sockets are: in the folder that systemd made for this service, else beside those of other programs. */
function runtimeFolder(environment: NodeJS.ProcessEnv): string {
  // A list with colons between, where the service has several.
  const [service = ""] = environment["RUNTIME_DIRECTORY"]?.split(":") ?? [];
  if (service !== "") return service;
  const runtime = environment["XDG_RUNTIME_DIR"];
  if (runtime !== undefined && runtime !== "") return join(runtime, "hello-websocket");
  // By number: in a container the user may have no name.
  return join(tmpdir(), `hello-websocket-${process.getuid?.()}`);
}

/** The address that a person opens: `0.0.0.0` and `::` are no place to go to, but one of this machine's own is. */
export function pageUrl(
  host: string,
  port: number,
  token: string | undefined,
  { scheme = "http", path = "/" }: { readonly scheme?: "http" | "https"; readonly path?: string } = {},
): string {
  const name = isLoopback(host) ? "localhost" : host === "0.0.0.0" || host === "::" ? ownAddress() : host;
  const authority = name.includes(":") ? `[${name}]` : name;
  const query = token === undefined ? "" : `?token=${token}`;
  return `${scheme}://${authority}:${port}${path === "/" && query === "" ? "" : path + query}`;
}

/** An address by which others in the network reach this machine. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "localhost";
}
