import { lookup } from "node:dns/promises";
import type { Server } from "node:net";
import { systemReason } from "../system/system-reason.ts";

/** It cannot listen there. The message is one sentence. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/** Say in one sentence why a server cannot listen. */
export function listenError(error: unknown, host: string, port: number): ListenError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EADDRINUSE") return new ListenError(`port ${port} is in use: expected a free one (--port)`);
  if (code === "EACCES")
    return new ListenError(`port ${port} needs more rights: expected one above 1023 (--port)`);
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return new ListenError(`host ${host} is not an address of this machine (--host)`);
  }
  return new ListenError(`cannot listen on ${host} port ${port}: ${systemReason(error)}`);
}

/** Servers that listen on one port. */
export interface Listening {
  /** The real port where 0 was asked for. */
  readonly port: number;
  /** Accept no more. What was accepted is not touched. */
  close(): void;
}

/**
 * Listen on `host`; `localhost` is all that this machine takes it for, as browsers try one after the other. `create`
 * makes a server for each address.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function listen(create: () => Server, host: string, port: number): Promise<Listening> {
  const servers: Server[] = [];
  try {
    const names = host === "localhost" ? await lookup(host, { all: true }) : [{ address: host }];
    const [first = host, ...others] = new Set(names.map(({ address }) => address));
    const bound = await open(create(), first, port);
    servers.push(bound.server);
    for (const address of others) {
      // An address family that this machine lacks is no reason not to serve the other.
      const other = await open(create(), address, bound.port).catch(() => undefined);
      if (other !== undefined) servers.push(other.server);
    }
    return {
      port: bound.port,
      close: () => {
        for (const server of servers) server.close();
      },
    };
  } catch (error) {
    throw listenError(error, host, port);
  }
}

async function open(server: Server, host: string, port: number): Promise<{ server: Server; port: number }> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const bound = server.address();
  return { server, port: typeof bound === "object" && bound !== null ? bound.port : port };
}
