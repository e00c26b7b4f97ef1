/** Notices that nothing was heard for a while during which something was due. Costs no timer for what is heard. */
export class Silence implements Disposable {
  readonly #limitMs: number | undefined;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #heardMs = 0;

  /** `limitMs`: how long it may last; absent: for ever. */
  constructor(limitMs: number | undefined) {
    this.#limitMs = limitMs;
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
    this.#timer = setTimeout(() => {
      const leftMs = this.#heardMs + limitMs - performance.now();
      if (leftMs > 0) this.#wait(leftMs, limitMs);
      else this.#controller.abort();
    }, ms);
  }
}
