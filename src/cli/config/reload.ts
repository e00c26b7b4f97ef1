import type { Logger } from "pino";
import type { Config, Settled } from "../config.ts";
import { ENGINE_OPTIONS } from "../engine-options.ts";
import { CAMERA_OPTIONS, OPTIONS } from "../options.ts";
import { UsageError } from "../usage-error.ts";
import { ConfigError } from "./faults.ts";
import { OPTIONS_BY_KEY } from "./file.ts";
import { FileWatch } from "./file-watch.ts";

/** Milliseconds until a file that is wrong is read again before it is complained of: it may be half written. */
const PATIENCE_MS = 1000;

/** Keys that say which cameras there are, and how each is to be. */
export const CAMERA_KEYS: readonly string[] = ["cameras", ...Object.keys(CAMERA_OPTIONS)];

/** Keys of what a program has that records, and that a restart alone changes. */
export const ENGINE_KEYS: readonly string[] = Object.keys(ENGINE_OPTIONS);

/** Keys of what every program has. */
export const COMMON_KEYS: readonly string[] = ["mapper", "logLevel", "logFormat"];

/** Keys of a server that shows what others record. */
export const SERVER_KEYS: readonly string[] = ["users", ...Object.keys(OPTIONS)];

/** Who takes a change, and of what. */
interface Taker {
  readonly keys: readonly string[];
  /** Changes what runs. */
  readonly take: (config: Config) => void | Promise<void>;
  /** Throws a UsageError if that cannot be; then nothing at all is changed. */
  readonly check?: ((config: Config) => void) | undefined;
}

/** What a {@link Reload} goes by. */
export interface ReloadParts {
  /** What runs now. */
  readonly settled: Settled;
  /** Reads all of it again. @throws UsageError */
  readonly read: () => Promise<Settled>;
  readonly log: Pick<Logger, "info" | "warn" | "error">;
}

/**
 * Follows the config file while the program runs: what may change is handed to who takes it, what may not is said to need a restart. A
 * file that is wrong changes nothing. Without a file it does nothing.
 */
export class Reload implements Disposable {
  readonly #parts: ReloadParts;
  readonly #takers: Taker[] = [];
  /** What runs, by key. */
  readonly #running: Map<string, string>;
  #uses: ReadonlySet<string> | undefined;
  #watch: FileWatch | undefined;
  #again: NodeJS.Timeout | undefined;
  /** One after the other. */
  #reading: Promise<void> = Promise.resolve();
  /** What was said last; not said again while nothing has changed. */
  #said = "";

  constructor(parts: ReloadParts) {
    this.#parts = parts;
    this.#running = fingerprints(parts.settled);
  }

  /** `take` is called with each change of one of these keys, and with the whole configuration. */
  on(keys: readonly string[], take: Taker["take"], check?: Taker["check"]): void {
    this.#takers.push({ keys, take, check });
  }

  /** From now on. `uses`: the only keys that mean something to this program; absent: all do. */
  follow(uses?: readonly string[]): void {
    const path = this.#parts.settled.file?.path;
    if (path === undefined || this.#watch !== undefined) return;
    this.#uses = uses === undefined ? undefined : new Set(uses);
    this.#watch = new FileWatch(path, () => void this.#look(false));
    // It may have changed while the program was starting.
    void this.#look(false);
  }

  /** Read the file now: somebody has asked for it, and wants to hear of it. */
  async now(): Promise<void> {
    const { settled, log } = this.#parts;
    if (settled.file === undefined) {
      log.info("there is no config file to read again");
      return;
    }
    this.#said = "";
    await this.#look(true);
  }

  /** Follow it no longer. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    clearTimeout(this.#again);
  }

  /** `isLast`: what is wrong now stays wrong. */
  #look(isLast: boolean): Promise<void> {
    clearTimeout(this.#again);
    this.#reading = this.#reading.then(() => this.#read(isLast));
    return this.#reading;
  }

  async #read(isLast: boolean): Promise<void> {
    let next: Settled;
    try {
      next = await this.#parts.read();
      if (next.file?.isBlank === true) throw new UsageError(`${next.file.path} is empty: expected settings`);
      for (const { check } of this.#takers) check?.(next.config);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      if (isLast) this.#complain(error);
      else this.#again = setTimeout(() => void this.#look(true), PATIENCE_MS).unref();
      return;
    }
    await this.#take(next, isLast);
  }

  async #take(next: Settled, isAsked: boolean): Promise<void> {
    const { log, settled } = this.#parts;
    const wanted = fingerprints(next);
    const changed = new Set(
      [...wanted].filter(([key, text]) => this.#running.get(key) !== text).map(([key]) => key),
    );
    const taken: string[] = [];
    for (const { keys, take } of this.#takers) {
      const own = keys.filter((key) => changed.has(key));
      if (own.length === 0) continue;
      try {
        await take(next.config);
      } catch (error) {
        log.error(`${own.join(", ")} cannot be changed: ${(error as Error).message}`);
        continue;
      }
      for (const key of own) {
        this.#running.set(key, wanted.get(key) ?? "");
        changed.delete(key);
      }
      taken.push(...own);
    }
    const waiting = [...changed].filter((key) => this.#uses?.has(key) !== false);
    const path = settled.file?.path ?? "";
    if (taken.length > 0) log.info(`${path} was read again: ${taken.join(", ")} changed`);
    else if (waiting.length === 0 && isAsked) log.info(`${path} was read again: nothing has changed`);
    this.#say(waiting.length === 0 ? "" : `${path}: ${list(waiting)} to take effect`);
  }

  #say(sentence: string): void {
    if (sentence !== "" && sentence !== this.#said) this.#parts.log.warn(sentence);
    this.#said = sentence;
  }

  #complain(error: UsageError): void {
    const { log, settled } = this.#parts;
    if (error.message === this.#said) return;
    this.#said = error.message;
    const faults = error instanceof ConfigError ? error.faults : [];
    for (const [n, line] of error.message.split("\n").entries()) {
      const { place, key } = faults[n] ?? {};
      log.error({ ...place, key }, line);
    }
    log.error(`${settled.file?.path} is not taken: all stays as it was`);
  }
}

/** What decides whether a key has changed: its value as it is understood. */
function fingerprints({ config, settings }: Settled): Map<string, string> {
  const all = new Map<string, string>();
  for (const key of OPTIONS_BY_KEY.keys()) all.set(key, JSON.stringify(settings.get(key)?.value) ?? "");
  all.set("cameras", JSON.stringify(config.cameras));
  return all.set("users", JSON.stringify(config.users));
}

function list(keys: readonly string[]): string {
  return `${keys.join(", ")} ${keys.length === 1 ? "needs" : "need"} a restart`;
}
