import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Connections that may wait without saying what they want: each costs a descriptor and 10 kB. */
const MAX_IDLE_CONNECTIONS = 4096;

/**
 * The connections of an HTTP server that do nothing: those that have not said yet what they want, and those that are kept for later. There
 * may be so many; one more ends the one that has been idle for longest. So who opens thousands and says nothing keeps nobody out.
 */
export class IdleConnections {
  /** The longest idle first. */
  readonly #idle = new Set<Socket>();
  readonly #max: number;

  constructor(server: Server, max: number = MAX_IDLE_CONNECTIONS) {
    this.#max = max;
    // Over TLS what a request comes on is not what was accepted.
    server.on("cert" in server ? "secureConnection" : "connection", (socket: Socket) => {
      socket.once("close", () => this.#idle.delete(socket));
      this.#add(socket);
    });
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#idle.delete(socket);
      response.once("close", () => this.#add(socket));
    });
    server.on("upgrade", ({ socket }: IncomingMessage) => this.#idle.delete(socket));
  }

  /** How many there are. */
  get size(): number {
    return this.#idle.size;
  }

  #add(socket: Socket): void {
    if (socket.destroyed) return;
    this.#idle.add(socket);
    if (this.#idle.size <= this.#max) return;
    for (const longest of this.#idle) {
      this.#idle.delete(longest);
      longest.destroy();
      return;
    }
  }
}
