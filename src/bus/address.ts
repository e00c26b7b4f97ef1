import type { NetConnectOpts } from "node:net";
import { formatNatsAddress, isNats, type NatsAddress, parseNatsAddress } from "./nats-address.ts";

/** Where programs meet: a mapper of this machine, or NATS. */
export type Address = LocalAddress | NatsAddress;

/** Where a mapper listens: a path (Unix domain socket, Windows named pipe) or a TCP port of this machine. */
export type LocalAddress =
  | { readonly kind: "path"; readonly path: string }
  | { readonly kind: "tcp"; readonly host: string; readonly port: number };

/** Hosts that are this machine and no other. */
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Read an address as a user writes it: `unix:PATH`, `tcp://HOST:PORT` with a loopback host, or one of NATS.
 * @throws RangeError with one sentence that says what is expected
 */
export function parseAddress(text: string): Address {
  if (isNats(text)) return parseNatsAddress(text);
  if (text.startsWith("unix:") && text.length > "unix:".length) {
    return { kind: "path", path: text.slice("unix:".length) };
  }
  const match = /^tcp:\/\/(\[[0-9a-f:]+\]|[^:/[\]]+):(\d{1,5})$/i.exec(text);
  const host = match?.[1]?.replace(/^\[|\]$/g, "");
  const port = Number(match?.[2]);
  if (host === undefined || port > 65_535) {
    throw new RangeError(
      `"${text}" is no mapper address: expected unix:PATH, tcp://HOST:PORT or nats://HOST:PORT`,
    );
  }
  // The local socket has no login, so it must not be reachable from another machine.
  if (!LOOPBACK.has(host)) {
    throw new RangeError(
      `"${text}" is not on this machine: expected tcp://127.0.0.1:PORT, unix:PATH or nats://HOST:PORT`,
    );
  }
  return { kind: "tcp", host, port };
}

/** The address as {@link parseAddress} takes it, without any login. */
export function formatAddress(address: Address): string {
  if (address.kind === "nats") return formatNatsAddress(address);
  if (address.kind === "path") return `unix:${address.path}`;
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `tcp://${host}:${address.port}`;
}

/** The address as `node:net` takes it, to connect or to listen. */
export function netOptions(address: LocalAddress): NetConnectOpts {
  return address.kind === "path" ? { path: address.path } : { host: address.host, port: address.port };
}
