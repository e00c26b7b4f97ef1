import type { TabLeaving, TabOpening } from "./shared/messages.ts";

/**
 * A page's way to the worker that all tabs of this browser share. Where the browser has no such worker, forbids it or cannot load it,
 * `lost` is called, perhaps later, and each tab connects alone.
 */
export class Sharing {
  /** For whoever connects. */
  readonly port: MessagePort;
  readonly #page: MessagePort;
  readonly #lifetime = new AbortController();

  /** `undefined` where that cannot be had. */
  static start(lost: () => void): Sharing | undefined {
    if (typeof SharedWorker !== "function") return undefined;
    try {
      // The number is that of the conversation: a later library finds no worker of an earlier one.
      const worker = new SharedWorker(new URL("./shared-worker.js", import.meta.url), {
        type: "module",
        name: "hello-websocket 2",
      });
      return new Sharing(worker, lost);
    } catch {
      // A page without an origin, or of another one than this script.
      return undefined;
    }
  }

  private constructor(worker: SharedWorker, lost: () => void) {
    const { signal } = this.#lifetime;
    const channel = new MessageChannel();
    this.port = channel.port1;
    this.#page = worker.port;
    worker.addEventListener("error", lost, { signal });
    const lock = `hello-websocket ${Math.random().toString(36).slice(2)}`;
    const open = (held: string | undefined): void =>
      this.#page.postMessage({ type: "tab", lock: held } satisfies TabOpening, [channel.port2]);
    if (locks() === undefined) {
      open(undefined);
    } else {
      // Held as long as the page lives: nothing that ends a page can keep it.
      const held = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      locks()
        ?.request(lock, () => {
          open(lock);
          return held;
        })
        .catch(() => open(undefined));
    }
    addEventListener("pagehide", () => this.#leave(), { signal });
  }

  /** The page needs it no more. */
  close(): void {
    this.#leave();
    this.#lifetime.abort();
    this.#page.close();
  }

  #leave(): void {
    this.#page.postMessage({ type: "bye" } satisfies TabLeaving);
  }
}

// Only in a secure context: on plain http it is there on localhost only.
function locks(): LockManager | undefined {
  return (navigator as { locks?: LockManager }).locks;
}
