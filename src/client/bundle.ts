/** Of so few tracks each message goes at once. */
const FEW = 4;

/** Messages in one bundle, at most: 64 acknowledgements are half a kilobyte. */
const MOST = 64;

/**
 * Messages on their way from one thread to another, or to the server. A message wakes up whoever gets it, which costs a browser more
 * than what is in most of them. A wall of many tracks has many at a time: so those of one turn go together.
 */
export class Bundle<Message> {
  readonly #tracks: () => number;
  readonly #send: (messages: readonly Message[]) => void;
  #held: Message[] = [];
  #due: ReturnType<typeof setTimeout> | undefined;

  /** `tracks`: how many the messages are of. `send` is given one or more of them. */
  constructor(tracks: () => number, send: (messages: readonly Message[]) => void) {
    this.#tracks = tracks;
    this.#send = send;
  }

  /** Send this, now or at the end of the turn. */
  add(message: Message): void {
    this.#held.push(message);
    if (this.#tracks() <= FEW || this.#held.length >= MOST) this.flush();
    else this.#due ??= setTimeout(() => this.flush());
  }

  /** Send now what is held. */
  flush(): void {
    const held = this.#held;
    this.clear();
    if (held.length > 0) this.#send(held);
  }

  /** Nobody is there any more who would take it. */
  clear(): void {
    clearTimeout(this.#due);
    this.#due = undefined;
    if (this.#held.length > 0) this.#held = [];
  }
}
