import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { IdleSet } from "./idle-set.ts";

/**
 * The connections of an HTTP server that do nothing: those that have not said yet what they want, and those that are kept for later.
 * They are bounded, so who opens thousands and says nothing keeps nobody out.
 */
export class IdleConnections {
  readonly #idle: IdleSet<Socket>;
  readonly #known = new WeakSet<Socket>();

  constructor(server: Server, max?: number) {
    this.#idle = new IdleSet(max);
    server.on("connection", (socket: Socket) => {
      // One that was taken out of HTTP may be put back.
      if (!this.#known.has(socket)) socket.once("close", () => this.#idle.delete(socket));
      this.#known.add(socket);
      this.#idle.add(socket);
    });
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#idle.delete(socket);
      response.once("close", () => this.#idle.add(socket));
    });
    server.on("upgrade", ({ socket }: IncomingMessage) => this.#idle.delete(socket));
  }

  /** How many there are. */
  get size(): number {
    return this.#idle.size;
  }
}
