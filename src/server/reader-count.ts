import { Limits } from "../protocol/index.ts";

/** Counts those who wait for a picture over plain HTTP, up to {@link Limits.MAX_HTTP_READERS}. */
export class ReaderCount {
  #inside = 0;

  /** How many are here. */
  get size(): number {
    return this.#inside;
  }

  /** A place, given back when it is disposed of; `undefined` if there is none left. */
  enter(): Disposable | undefined {
    if (this.#inside >= Limits.MAX_HTTP_READERS) return undefined;
    this.#inside++;
    let left = false;
    return {
      [Symbol.dispose]: () => {
        if (!left) this.#inside--;
        left = true;
      },
    };
  }
}
