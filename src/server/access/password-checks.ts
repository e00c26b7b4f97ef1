import { matchesPassword, NOBODY, readPasswordHash } from "./password.ts";
import type { User } from "./user.ts";

/** Passwords compared at once. Each takes a thread and 32 MiB, and two of four threads are left for files. */
const MAX_RUNNING = 2;

/** Passwords that may wait to be compared: five seconds of them. */
const MAX_WAITING = 32;

/** Compares passwords, a few at a time: who guesses many takes no more of the machine than who logs in. */
export class PasswordChecks {
  readonly #waiting: (() => void)[] = [];
  readonly #matches: typeof matchesPassword;
  #running = 0;

  /** `matches` compares. */
  constructor(matches: typeof matchesPassword = matchesPassword) {
    this.#matches = matches;
  }

  /** Whether the password is that of the user; takes as long if there is none. `undefined`: too many ask already. */
  async check(user: User | undefined, password: string): Promise<boolean | undefined> {
    if (this.#running >= MAX_RUNNING) {
      if (this.#waiting.length >= MAX_WAITING) return undefined;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      const known = user === undefined ? undefined : readPasswordHash(user.password);
      const matches = await this.#matches(password, known ?? NOBODY);
      return matches && known !== undefined;
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}
