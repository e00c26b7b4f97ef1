import { type BigIntStats, type FSWatcher, readlinkSync, statSync, watch } from "node:fs";
import { dirname, isAbsolute, parse, resolve, sep } from "node:path";

/** Milliseconds without a change after which a file counts as written: editors write, rename and remove. */
const SETTLE_MS = 200;

/** Milliseconds between two looks without being told of a change: not every file system tells. */
const LOOK_EVERY_MS = 5000;

/** Symbolic links that are followed, as Linux does. */
const MAX_LINKS = 40;

/**
 * Tells when another text may stand in a file. It is the folders that are watched: editors put another file in the place of the old one,
 * and Kubernetes another link in the place of a folder on the way to it.
 */
export class FileWatch implements Disposable {
  readonly #file: string;
  readonly #changed: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #clock: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  /** As it was told last. */
  #told: string;
  /** As it was seen last; told when it has stayed so. */
  #seen: string;

  /** `changed` is called once for all that happens in a moment. */
  constructor(file: string, changed: () => void) {
    this.#file = resolve(file);
    this.#changed = changed;
    this.#told = stateOf(this.#file);
    this.#seen = this.#told;
    this.#watch();
    this.#clock = setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
  }

  /** Watch no longer. */
  [Symbol.dispose](): void {
    clearInterval(this.#clock);
    clearTimeout(this.#soon);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #look(): void {
    // The way may lead through other folders now.
    this.#watch();
    const state = stateOf(this.#file);
    const isStill = state === this.#seen;
    this.#seen = state;
    if (!isStill) this.#lookSoon();
    else if (state !== this.#told) {
      this.#told = state;
      this.#changed();
    }
  }

  #watch(): void {
    const folders = new Map(foldersOnTheWay(this.#file).map((folder) => [identity(folder), folder]));
    for (const [id, watcher] of this.#watchers) {
      if (folders.has(id)) continue;
      watcher.close();
      this.#watchers.delete(id);
    }
    for (const [id, folder] of folders) {
      if (id === undefined || this.#watchers.has(id)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, () => this.#lookSoon());
        watcher.on("error", () => {
          watcher.close();
          this.#watchers.delete(id);
        });
        this.#watchers.set(id, watcher);
      } catch {
        // A machine may have used up its watches. Then the clock is all there is.
      }
    }
  }

  #lookSoon(): void {
    // Not later for whatever else goes on in the folder.
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.#look();
    }, SETTLE_MS).unref();
  }
}

/** The folders in which a change may put another file in the place of `file`: its own, and that of every link on the way. */
export function foldersOnTheWay(file: string): readonly string[] {
  const folders = new Set<string>();
  const { root } = parse(file);
  let at = root;
  let rest = namesOf(file);
  for (let links = 0; ; ) {
    const [name, ...others] = rest;
    if (name === undefined) break;
    const path = resolve(at, name);
    const target = linkAt(path);
    if (target === undefined || links === MAX_LINKS) {
      at = path;
      rest = others;
      continue;
    }
    links++;
    folders.add(at);
    if (isAbsolute(target)) at = parse(target).root;
    rest = [...namesOf(target), ...others];
  }
  return [...folders.add(dirname(at))];
}

function namesOf(path: string): readonly string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((name) => name !== "");
}

function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** What changes when another text is there; nothing if there is none, or it cannot be told. */
function stateOf(file: string): string {
  const stat = statOf(file);
  return stat === undefined ? "" : [stat.dev, stat.ino, stat.size, stat.mtimeNs].join();
}

/** A folder under whatever name; another one in its place is another. */
function identity(folder: string): string | undefined {
  const stat = statOf(folder);
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino}`;
}

function statOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
