import { accessSync, constants, type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import { videoNodes } from "../recorder/video-node.ts";

/** Milliseconds between a change in `/dev` and the look at it: a camera comes as several nodes, and udev opens them. */
const SETTLE_MS = 150;

/** Milliseconds between two looks where `/dev` cannot be watched, or forgets to tell. A look reads a few small files. */
const POLL_MS = 2000;

/** The same where a look starts a process: on systems whose devices are no files. */
const SLOW_POLL_MS = 30_000;

/** Tells when the capture devices of this machine have changed. No device is opened, and FFmpeg is not loaded. */
export class DeviceWatch implements Disposable {
  readonly #root: string;
  readonly #changed: () => Promise<boolean>;
  readonly #poll: NodeJS.Timeout;
  readonly #watcher: FSWatcher | undefined;
  #settling: NodeJS.Timeout | undefined;
  #told: string | undefined;

  /** `changed` answers whether it could look; if not it is called again. What is there at first is no change. */
  constructor(changed: () => Promise<boolean>, root = "/", platform: string = process.platform) {
    this.#root = root;
    this.#changed = changed;
    if (platform !== "linux") {
      this.#poll = setInterval(() => void changed(), SLOW_POLL_MS).unref();
      return;
    }
    this.#told = this.#state();
    this.#poll = setInterval(() => this.#look(), POLL_MS).unref();
    this.#watcher = this.#watch();
  }

  /** Watch no longer. */
  [Symbol.dispose](): void {
    clearInterval(this.#poll);
    clearTimeout(this.#settling);
    this.#watcher?.close();
  }

  #watch(): FSWatcher | undefined {
    try {
      const watcher = watch(join(this.#root, "dev"), { persistent: false }, (_event, name) => {
        if (name !== null && !/^(video\d|v4l)/.test(name)) return;
        clearTimeout(this.#settling);
        this.#settling = setTimeout(() => this.#look(), SETTLE_MS).unref();
      });
      watcher.on("error", () => watcher.close());
      return watcher;
    } catch {
      // A machine may have used up its watches. Then the poll is all there is.
      return undefined;
    }
  }

  #look(): void {
    const state = this.#state();
    if (state === this.#told) return;
    this.#told = state;
    void this.#changed().then((looked) => {
      if (!looked) this.#told = undefined;
    });
  }

  /** What would be listed: who is there under which number, and whether it may be opened. */
  #state(): string {
    return JSON.stringify(
      videoNodes(this.#root).map((node) => ({ ...node, open: isOpen(join(this.#root, node.path)) })),
    );
  }
}

function isOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
