import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

/**
 * End a connection without its rest: the kernel would go on holding megabytes for minutes, for a client that makes no room for
 * them.
 */
export function cut(connection: Duplex): void {
  // What is secure has no handle that could do it.
  if (connection instanceof Socket && !(connection instanceof TLSSocket)) connection.resetAndDestroy();
  else connection.destroy();
}
