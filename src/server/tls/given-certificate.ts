import type { Certificate, KeyPair } from "./key-pair.ts";

/** A certificate that another process gives, again whenever it is renewed. */
export class GivenCertificate implements Certificate {
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  #current: KeyPair | undefined;

  /** See {@link Certificate.current}. There is none before the first was given. */
  get current(): KeyPair {
    if (this.#current === undefined) throw new Error("no certificate was given yet");
    return this.#current;
  }

  /** Serve with this one from now on. */
  give(pair: KeyPair): void {
    this.#current = pair;
    for (const listener of this.#listeners) listener(pair);
  }

  /** See {@link Certificate.follow}. */
  follow(listener: (pair: KeyPair) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
