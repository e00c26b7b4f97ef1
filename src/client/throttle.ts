/** Does something at once; asked for again soon after, once more when a while is over, however often it was asked for. */
export class Throttle {
  readonly #everyMs: number;
  readonly #run: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #again = false;

  constructor(everyMs: number, run: () => void) {
    this.#everyMs = everyMs;
    this.#run = run;
  }

  /** Do it, now or soon. */
  ask(): void {
    if (this.#timer === undefined) this.#go();
    else this.#again = true;
  }

  /** Do it no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#again = false;
  }

  #go(): void {
    this.#again = false;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#again) this.#go();
    }, this.#everyMs);
    this.#run();
  }
}
