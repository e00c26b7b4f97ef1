/**
 * Hands values from one who produces them to one who takes them. Holds one value: a newer one replaces it, nobody
 * waits in a queue.
 */
export class Newest<T> {
  readonly #discard: (value: T) => void;
  #held: { readonly value: T } | undefined;
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #overwritten = 0;

  /** `discard` is called with every value that nobody took. */
  constructor(discard: (value: T) => void = () => {}) {
    this.#discard = discard;
  }

  /** Values replaced before they were taken. */
  get overwritten(): number {
    return this.#overwritten;
  }

  /** Replace the held value. After the end the value is discarded. */
  put(value: T): void {
    if (this.#end !== undefined) {
      this.#discard(value);
      return;
    }
    if (this.#held !== undefined) {
      this.#overwritten++;
      this.#discard(this.#held.value);
    }
    this.#held = { value };
    this.#wake?.();
  }

  /** No more values: {@link take} gives the held one, then throws `error`, or gives `undefined` if there is none. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** The next value as soon as there is one; `undefined` after the end. For one taker. */
  async take(): Promise<T | undefined> {
    while (this.#held === undefined) {
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return undefined;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const { value } = this.#held;
    this.#held = undefined;
    return value;
  }

  /** Discard what is held and take no more. */
  clear(): void {
    this.end();
    if (this.#held !== undefined) this.#discard(this.#held.value);
    this.#held = undefined;
  }
}
