import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The connections of an HTTP server that cost something: with an answer that is being sent, and one that has not said
 * yet what it wants. An idle one that a browser keeps for later is not among them, and a WebSocket is counted elsewhere.
 */
export class BusyConnections {
  readonly #busy = new Set<Socket>();
  readonly #changed: () => void;

  /** `changed` is called when there are more or fewer. */
  constructor(server: Server, changed: () => void) {
    this.#changed = changed;
    server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#add(socket);
      response.once("close", () => this.#delete(socket));
    });
    server.on("upgrade", ({ socket }: IncomingMessage) => this.#delete(socket));
  }

  /** How many there are. */
  get size(): number {
    return this.#busy.size;
  }

  /** A connection is there. */
  open(socket: Socket): void {
    this.#add(socket);
    socket.once("close", () => this.#delete(socket));
  }

  #add(socket: Socket): void {
    if (this.#busy.has(socket)) return;
    this.#busy.add(socket);
    this.#changed();
  }

  #delete(socket: Socket): void {
    if (this.#busy.delete(socket)) this.#changed();
  }
}
