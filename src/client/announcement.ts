/** What is said stays for this long: time to read two sentences. */
const STAYS_MS = 6_000;

/** One line about what was done, or could not be; a newer one replaces it. */
export class Announcement {
  readonly #changed: () => void;
  #text = "";
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called when there is another line, or none any more. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** The line; empty if there is none. */
  get text(): string {
    return this.#text;
  }

  /** Say it. */
  say(text: string): void {
    clearTimeout(this.#timer);
    this.#text = text;
    this.#timer = setTimeout(() => this.clear(), STAYS_MS);
    this.#changed();
  }

  /** Say nothing. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#text = "";
    this.#changed();
  }
}
