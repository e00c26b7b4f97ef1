/** Questions to another process that wait for their answer. */
export class Questions<Answer> {
  readonly #timeoutMs: number;
  readonly #waiting = new Map<number, (answer: Answer | undefined) => void>();
  #last = 0;

  /** `timeoutMs`: how long an answer may take. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Ask, with the number that the answer will have; `undefined` if none comes in time. */
  ask(send: (question: number) => void): Promise<Answer | undefined> {
    const question = ++this.#last;
    return new Promise((resolve) => {
      const limit = setTimeout(() => this.answer(question, undefined), this.#timeoutMs);
      this.#waiting.set(question, (answer) => {
        clearTimeout(limit);
        resolve(answer);
      });
      send(question);
    });
  }

  /** An answer came. One that is not waited for is late. */
  answer(question: number, answer: Answer | undefined): void {
    const resolve = this.#waiting.get(question);
    this.#waiting.delete(question);
    resolve?.(answer);
  }

  /** No answer will come. */
  close(): void {
    for (const question of this.#waiting.keys()) this.answer(question, undefined);
  }
}
