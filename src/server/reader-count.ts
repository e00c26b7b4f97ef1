import type { ServerResponse } from "node:http";
import { Limits } from "../protocol/index.ts";
import { whenOver } from "./answer.ts";

/** Counts those who are given pictures over plain HTTP, up to {@link Limits.MAX_HTTP_READERS}. */
export class ReaderCount {
  #inside = 0;

  /** How many are here. */
  get size(): number {
    return this.#inside;
  }

  /** A place for who waits for `response`, until that is over; whether there is one left. */
  enter(response: ServerResponse): boolean {
    if (this.#inside >= Limits.MAX_HTTP_READERS) return false;
    this.#inside++;
    whenOver(response, () => this.#inside--);
    return true;
  }
}
