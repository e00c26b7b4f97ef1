/** Aborts when nobody wants a camera any more; dispose of it to stop watching. */
export interface Idle extends Disposable {
  readonly signal: AbortSignal;
}

/** Whether somebody wants the frames of a camera now. */
export class Demand {
  readonly #always: boolean;
  readonly #watchers = new Set<() => void>();
  #wanted = false;

  /** `always`: somebody does, whatever is said. */
  constructor(always = false) {
    this.#always = always;
  }

  /** Whether somebody wants them. */
  get present(): boolean {
    return this.#always || this.#wanted;
  }

  /** Say which tracks are wanted. */
  set(tracks: ReadonlySet<string>): void {
    this.#wanted = tracks.size > 0;
    for (const changed of this.#watchers) changed();
  }

  /** Resolves when somebody wants them, or when `signal` aborts. */
  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!this.present && !signal.aborted) return;
        this.#watchers.delete(check);
        signal.removeEventListener("abort", check);
        resolve();
      };
      this.#watchers.add(check);
      signal.addEventListener("abort", check);
      check();
    });
  }

  /** A signal that aborts when nobody has wanted them for `graceMs` in a row, from now on. */
  idle(graceMs: number): Idle {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const check = (): void => {
      if (this.present) {
        clearTimeout(timer);
        timer = undefined;
      } else {
        timer ??= setTimeout(() => controller.abort(), graceMs);
      }
    };
    this.#watchers.add(check);
    check();
    return {
      signal: controller.signal,
      [Symbol.dispose]: () => {
        this.#watchers.delete(check);
        clearTimeout(timer);
      },
    };
  }
}
