/** Runs asynchronous work one after the other, in the order of the calls. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve();

  /** Run `work` when all before it is done; its outcome is the caller's. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
