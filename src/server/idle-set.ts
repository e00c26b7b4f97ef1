import type { Duplex } from "node:stream";

/** Connections that may wait without saying what they want: each costs a descriptor and 10 kB. */
const MAX_IDLE_CONNECTIONS = 4096;

/** Connections that do nothing. There may be so many; one more ends the one that has been idle for longest. */
export class IdleSet<Connection extends Duplex> implements Iterable<Connection> {
  /** The longest idle first. */
  readonly #idle = new Set<Connection>();
  readonly #max: number;

  constructor(max: number = MAX_IDLE_CONNECTIONS) {
    this.#max = max;
  }

  /** How many there are. */
  get size(): number {
    return this.#idle.size;
  }

  /** It does nothing from now on. */
  add(connection: Connection): void {
    if (connection.destroyed) return;
    this.#idle.add(connection);
    if (this.#idle.size <= this.#max) return;
    for (const longest of this.#idle) {
      this.#idle.delete(longest);
      longest.destroy();
      return;
    }
  }

  /** It does something, or has ended. */
  delete(connection: Connection): void {
    this.#idle.delete(connection);
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#idle.values();
  }
}
