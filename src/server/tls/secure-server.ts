import { createServer, type Server } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Edge } from "../edge.ts";
import { listen } from "../listen.ts";
import { Arrivals, NOTHING_BETWEEN } from "../outside.ts";
import { type Door, type RunningServer, runHanded, type ServerOptions } from "../server.ts";
import type { Certificate } from "./key-pair.ts";
import { plainAnswers } from "./plain-answers.ts";
import { TlsDoor } from "./tls-door.ts";
import { TrustPage } from "./trust-page.ts";

/**
 * Run the server over TLS, in this process: https and wss on one port, and the way there for who comes with http.
 * @throws ListenError if the port is taken or the address is not this machine's
 */
export async function runSecure(
  options: ServerOptions & Door & { readonly certificate: Certificate },
): Promise<RunningServer> {
  const { host, port, signal, certificate } = options;
  const stop = new AbortController();
  const server = await runHanded({
    ...options,
    signal: AbortSignal.any([signal, stop.signal]),
    changed: () => {},
  });
  const door = openDoor(certificate, options, (socket) => server.take(socket));
  const accept = (): Server =>
    createServer({ pauseOnConnect: true, noDelay: true }, (socket) => door.take(socket));
  const listening = await listen(accept, host, port).catch((error: unknown) => {
    stop.abort();
    door.close();
    throw error;
  });
  const close = (): void => {
    listening.close();
    door.close();
  };
  if (signal.aborted) close();
  else signal.addEventListener("abort", close, { once: true });
  return { port: listening.port, stopped: server.stopped };
}

/** The door in front of a server with these options. */
export function openDoor(
  certificate: Certificate,
  { surroundings = NOTHING_BETWEEN, authority }: Edge,
  secured: (socket: TLSSocket) => void,
): TlsDoor {
  const trust = authority === undefined ? undefined : new TrustPage(authority);
  const plain = plainAnswers(new Arrivals(surroundings), trust);
  return new TlsDoor(certificate, { secured, plain });
}
