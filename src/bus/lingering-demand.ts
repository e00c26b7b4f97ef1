import { Limits } from "../protocol/index.ts";

/**
 * What is taken here, as another hub is told of it. A track that nobody takes any more is taken for a while yet: who comes back, or
 * comes next, finds it flowing, and however fast they come and go, the other hub hears little of it.
 */
export class LingeringDemand {
  readonly #changed: (tracks: ReadonlySet<string>) => void;
  #wanted: ReadonlySet<string> = new Set();
  /** Those that nobody takes any more, until their time is over. */
  readonly #leaving = new Map<string, NodeJS.Timeout>();

  /** `changed` is called with the {@link tracks} whenever they may be others. */
  constructor(changed: (tracks: ReadonlySet<string>) => void) {
    this.#changed = changed;
  }

  /** Which tracks to take from the other hub now. */
  get tracks(): ReadonlySet<string> {
    return new Set([...this.#wanted, ...this.#leaving.keys()]);
  }

  /** Which tracks are taken here now. */
  want(tracks: ReadonlySet<string>): void {
    for (const track of this.#wanted) if (!tracks.has(track)) this.#linger(track);
    for (const track of tracks) this.#stay(track);
    this.#wanted = tracks;
    this.#changed(this.tracks);
  }

  /** Those that nobody takes need not be told: the other hub is not there. Calls nobody. */
  clear(): void {
    for (const track of this.#leaving.keys()) this.#stay(track);
  }

  #linger(track: string): void {
    const end = (): void => {
      this.#leaving.delete(track);
      this.#changed(this.tracks);
    };
    this.#leaving.set(track, setTimeout(end, Limits.LINGER_MS));
  }

  #stay(track: string): void {
    clearTimeout(this.#leaving.get(track));
    this.#leaving.delete(track);
  }
}
