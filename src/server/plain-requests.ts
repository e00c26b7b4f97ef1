import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Header lines of a request that is read again. Node forgets those beyond 1,000, and one of them may say how long the body is. */
const MAX_HEADER_LINES = 500;

/**
 * Serves requests that ask for another protocol than a WebSocket, such as `Upgrade: h2c`, as what they are without that: a server may
 * ignore it (RFC 9110 section 7.8), and programs send it with every request. Node has taken such a connection out of HTTP, so
 * it is put back: what was read of the request is read again, without the line that asks. Bodies, more requests and connections that are kept
 * are then as ever. Where Node asks first (`shouldUpgradeCallback`), nothing comes here.
 */
export class PlainRequests {
  readonly #server: Server;
  /** Answers under way, of connections that have any. */
  readonly #underWay = new WeakMap<Duplex, number>();

  constructor(server: Server) {
    this.#server = server;
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#count(socket, 1);
      response.once("close", () => this.#count(socket, -1));
    });
  }

  /** Serve one, of which `rest` was read beyond its headers. */
  take(request: IncomingMessage, connection: Duplex, rest: Buffer): void {
    // Behind a request that has no answer yet: nobody could tell whose answer comes next.
    const isBehind = (this.#underWay.get(connection) ?? 0) > 0;
    if (isBehind || request.rawHeaders.length > 2 * MAX_HEADER_LINES) {
      connection.destroy();
      return;
    }
    connection.unshift(Buffer.concat([head(request), rest]));
    this.#server.emit("connection", connection);
  }

  #count(connection: Duplex, more: number): void {
    this.#underWay.set(connection, (this.#underWay.get(connection) ?? 0) + more);
  }
}

/** A request up to its body, without its wish for another protocol. */
function head({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (name.toLowerCase() !== "upgrade") lines.push(`${name}: ${rawHeaders[at + 1] ?? ""}`);
  }
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}
