/** Calls at regular times whoever wants to be, all on one timer: fifty that each have one wake a machine up five hundred times a second. */
export class Rounds {
  readonly #everyMs: number;
  readonly #calls = new Set<() => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** Call `call` from now on. */
  add(call: () => void): void {
    this.#calls.add(call);
    this.#timer ??= setInterval(() => {
      for (const each of this.#calls) each();
    }, this.#everyMs);
  }

  /** Call it no more. */
  delete(call: () => void): void {
    this.#calls.delete(call);
    if (this.#calls.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
