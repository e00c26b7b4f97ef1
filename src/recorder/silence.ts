/** Notices that nothing was heard for a while during which something was due. Costs no timer for what is heard. */
export class Silence implements Disposable {
  readonly #limitMs: number | undefined;
  readonly #counts: () => boolean;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #heardMs = 0;

  /** `limitMs`: how long it may last; absent: for ever. `counts` is asked then: a silence that does not count begins anew. */
  constructor(limitMs: number | undefined, counts: () => boolean) {
    this.#limitMs = limitMs;
    this.#counts = counts;
  }

  /** Aborts when it has lasted for too long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Something is due from now on, or nothing is. */
  due(due: boolean): void {
    if (!due) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    } else if (this.#timer === undefined && this.#limitMs !== undefined) {
      this.#heardMs = performance.now();
      this.#wait(this.#limitMs, this.#limitMs);
    }
  }

  /** Something was heard. */
  heard(): void {
    this.#heardMs = performance.now();
  }

  [Symbol.dispose](): void {
    this.due(false);
  }

  #wait(ms: number, limitMs: number): void {
    const timer = setTimeout(() => {
      const leftMs = this.#heardMs + limitMs - performance.now();
      if (leftMs > 0) this.#wait(leftMs, limitMs);
      else if (this.#counts()) this.#controller.abort();
      // Unless nothing is due since that was asked.
      else if (this.#timer === timer) this.#wait(limitMs, limitMs);
    }, ms);
    this.#timer = timer;
  }
}
