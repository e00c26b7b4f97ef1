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
  const runtime = environment["XDG_RUNTIME_DIR"];
  const folder =
    runtime === undefined || runtime === ""
      ? join(tmpdir(), `hello-websocket-${userInfo().uid}`)
      : join(runtime, "hello-websocket");
  return { kind: "path", path: join(folder, `${name}.sock`) };
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
