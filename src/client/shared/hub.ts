import { Patience } from "../patience.ts";
import type { OpenSocket } from "../socket.ts";
import type { TabPort } from "./messages.ts";
import { Tab } from "./tab.ts";
import { Uplink } from "./uplink.ts";

/** Close code of a connection that could not be made. */
const NOT_MADE = 1006;

/** The tabs of one browser, and for each server that they name one connection. */
export class Hub {
  readonly #open: OpenSocket;
  readonly #uplinks = new Map<string, Uplink>();
  /** By server: what is known of the way to it outlasts a connection. */
  readonly #patience = new Map<string, Patience>();

  /** `open` opens the connection to a server. */
  constructor(open: OpenSocket) {
    this.#open = open;
  }

  /** Connect a tab to the server at `url`; `undefined` if that is no address. `left` is called when it has ended. */
  connect(port: TabPort, url: string, left: () => void): Tab | undefined {
    let uplink = this.#uplinks.get(url);
    if (uplink === undefined || uplink.ended) {
      try {
        const patience = this.#patience.get(url) ?? new Patience();
        uplink = new Uplink(url, this.#open, patience);
        this.#patience.set(url, patience);
      } catch (error) {
        // An address that cannot be one, or one that the policy forbids.
        const reason = error instanceof Error ? error.message : String(error);
        port.postMessage({ code: NOT_MADE, reason });
        return undefined;
      }
      this.#uplinks.set(url, uplink);
    }
    const shared = uplink;
    return new Tab(port, shared, () => {
      if (shared.ended && this.#uplinks.get(url) === shared) this.#uplinks.delete(url);
      left();
    });
  }
}
