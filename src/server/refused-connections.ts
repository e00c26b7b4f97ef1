import type { Duplex } from "node:stream";
import { Limits } from "../protocol/index.ts";
import { IdleSet } from "./idle-set.ts";

/**
 * Connections that were told why they may not come in, until they have ended. Nobody else counts them or reads from them any more, and a
 * socket whose bytes are not read does not notice that its client has left.
 */
export class RefusedConnections {
  readonly #leaving: IdleSet<Duplex>;

  /** `max`: one more ends the one that was told first. */
  constructor(max: number = Limits.MAX_REFUSED_CONNECTIONS) {
    this.#leaving = new IdleSet(max);
  }

  /** How many have not ended. */
  get size(): number {
    return this.#leaving.size;
  }

  /** Tell one `answer`, and end it: as soon as its client does, or after {@link Limits.REFUSAL_TIMEOUT_MS}. */
  end(connection: Duplex, answer: string): void {
    if (connection.destroyed) return;
    const limit = setTimeout(() => connection.destroy(), Limits.REFUSAL_TIMEOUT_MS);
    connection.once("close", () => {
      clearTimeout(limit);
      this.#leaving.delete(connection);
    });
    connection.resume();
    connection.end(answer);
    this.#leaving.add(connection);
  }

  /** End all at once. */
  close(): void {
    for (const connection of this.#leaving) connection.destroy();
  }
}
