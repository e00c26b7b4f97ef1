import { type FSWatcher, watch } from "node:fs";
import { dirname } from "node:path";
import { type Certificate, type KeyPair, type KeyPairFiles, readKeyPair, validUntil } from "./key-pair.ts";

/** Milliseconds without a further change after which files are read: a pair is two files, written one after the other. */
const SETTLE_MS = 300;

/** Milliseconds until a pair that is wrong is read again before it is complained of. */
const PATIENCE_MS = 2_000;

/** Milliseconds between two looks without being told of a change: not every file system tells. */
const LOOK_EVERY_MS = 60_000;

/** Where news of the files go. */
export interface CertificateLog {
  info(sentence: string): void;
  warn(sentence: string): void;
}

/**
 * A certificate in files that somebody else renews. Their folders are watched, not they: who renews puts other files, or other
 * links, in their place. What is wrong with new ones is logged, and the old certificate stays.
 */
export class CertificateFiles implements Certificate, Disposable {
  readonly #files: KeyPairFiles;
  readonly #log: CertificateLog;
  readonly #listeners = new Set<(pair: KeyPair) => void>();
  readonly #watchers: readonly FSWatcher[];
  readonly #clock: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #current: KeyPair;
  #complaint: string | undefined;

  /**
   * Read them once, and follow them.
   * @throws CertificateError if they are not right
   */
  static async open(files: KeyPairFiles, log: CertificateLog): Promise<CertificateFiles> {
    return new CertificateFiles(files, await readKeyPair(files), log);
  }

  private constructor(files: KeyPairFiles, pair: KeyPair, log: CertificateLog) {
    this.#files = files;
    this.#log = log;
    this.#current = pair;
    this.#warnOfEnd();
    const folders = new Set([dirname(files.cert), dirname(files.key)]);
    this.#watchers = [...folders].flatMap((folder) => this.#watch(folder));
    this.#clock = setInterval(() => void this.#look(false), LOOK_EVERY_MS);
    this.#clock.unref();
  }

  /** See {@link Certificate.current}. */
  get current(): KeyPair {
    return this.#current;
  }

  /** See {@link Certificate.follow}. */
  follow(listener: (pair: KeyPair) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Follow them no more. */
  [Symbol.dispose](): void {
    for (const watcher of this.#watchers) watcher.close();
    clearInterval(this.#clock);
    clearTimeout(this.#soon);
    this.#listeners.clear();
  }

  #watch(folder: string): FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#lookIn(SETTLE_MS, false));
      // A folder that vanishes: the clock still looks.
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  }

  #lookIn(ms: number, isLast: boolean): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#look(isLast), ms);
    this.#soon.unref();
  }

  /** `isLast`: what is wrong now stays wrong. */
  async #look(isLast: boolean): Promise<void> {
    let pair: KeyPair;
    try {
      pair = await readKeyPair(this.#files);
    } catch (error) {
      const { message } = error as Error;
      if (!isLast) this.#lookIn(PATIENCE_MS, true);
      else if (message !== this.#complaint) {
        this.#complaint = message;
        this.#log.warn(`the new certificate is not taken: ${message}; the one before stays`);
      }
      return;
    }
    this.#complaint = undefined;
    if (pair.cert === this.#current.cert && pair.key === this.#current.key) return;
    this.#current = pair;
    this.#log.info(`a new certificate is served: ${this.#files.cert}`);
    this.#warnOfEnd();
    for (const listener of this.#listeners) listener(pair);
  }

  #warnOfEnd(): void {
    const end = validUntil(this.#current.cert);
    if (end.getTime() < Date.now()) {
      this.#log.warn(`${this.#files.cert} has ended on ${end.toISOString()}: browsers will refuse it`);
    }
  }
}
