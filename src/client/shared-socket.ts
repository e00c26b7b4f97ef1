import type { Closing, Connecting } from "./shared/messages.ts";
import { type OpenSocket, openWebSocket, type Socket } from "./socket.ts";

/** Time that the hub has to take a tab. It is a script of the same server, on a machine that may be busy. */
const ANSWER_MS = 3_000;

/**
 * How a tab connects: through the hub that all tabs of the browser share, or, where there is none or it does not answer, by
 * a WebSocket of its own. The sockets that it opens do not show which.
 */
export class SharedSockets {
  #hub: MessagePort | undefined;
  readonly #pending = new Set<SharedSocket>();
  readonly #openAlone: OpenSocket;

  /** `hub`: the way to it; `undefined` where there is none. `openAlone` opens what is not shared. */
  constructor(hub: MessagePort | undefined, openAlone: OpenSocket = openWebSocket) {
    this.#hub = hub;
    this.#openAlone = openAlone;
  }

  /** Whether what is opened goes through the hub. */
  get shares(): boolean {
    return this.#hub !== undefined;
  }

  /** Open a socket. */
  readonly open: OpenSocket = (url, protocol) => {
    if (this.#hub === undefined) return this.#openAlone(url, protocol);
    const channel = new MessageChannel();
    this.#hub.postMessage({ type: "connect", url } satisfies Connecting, [channel.port2]);
    const socket = new SharedSocket(channel.port1, {
      answered: () => this.#pending.delete(socket),
      // A hub that does not answer is not asked again.
      alone: () => {
        this.#pending.delete(socket);
        this.#hub = undefined;
        return this.#openAlone(url, protocol);
      },
    });
    this.#pending.add(socket);
    return socket;
  };

  /** There is no hub: what waits for it connects alone. */
  lose(): void {
    this.#hub = undefined;
    for (const socket of this.#pending) socket.goAlone();
  }
}

interface SharedSocketEvents {
  answered(): void;
  alone(): Socket;
}

/** One conversation with a server through the hub. */
class SharedSocket implements Socket {
  binaryType: BinaryType = "arraybuffer";
  onmessage: ((event: { readonly data: unknown }) => void) | null = null;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null = null;
  readonly #port: MessagePort;
  readonly #events: SharedSocketEvents;
  readonly #timer: ReturnType<typeof setTimeout>;
  #alone: Socket | undefined;
  #state = 0;

  constructor(port: MessagePort, events: SharedSocketEvents) {
    this.#port = port;
    this.#events = events;
    this.#timer = setTimeout(() => this.goAlone(), ANSWER_MS);
    port.onmessage = ({ data }) => this.#receive(data);
  }

  get readyState(): number {
    return this.#alone?.readyState ?? this.#state;
  }

  send(data: string | Uint8Array<ArrayBuffer>): void {
    if (this.#alone !== undefined) this.#alone.send(data);
    else this.#port.postMessage(data);
  }

  close(code = 1000, reason = ""): void {
    if (this.#alone !== undefined) this.#alone.close(code, reason);
    else if (this.#state < 3) this.#port.postMessage({ code, reason } satisfies Closing);
    this.#end();
  }

  /** Connect without the hub. */
  goAlone(): void {
    if (this.#state !== 0) return;
    // Should the hub still come: nobody waits for it.
    this.#port.postMessage({ code: 1000, reason: "" } satisfies Closing);
    this.#end();
    const socket = this.#events.alone();
    this.#alone = socket;
    socket.binaryType = this.binaryType;
    socket.onmessage = (event) => this.onmessage?.(event);
    socket.onclose = (event) => this.onclose?.(event);
  }

  #receive(data: unknown): void {
    if (Array.isArray(data)) {
      for (const frame of data) this.onmessage?.({ data: frame });
    } else if (typeof data === "string") {
      this.#state = 1;
      this.onmessage?.({ data });
    } else if ("opened" in (data as object)) {
      clearTimeout(this.#timer);
      this.#events.answered();
    } else {
      const { code, reason } = data as Closing;
      this.#end();
      this.onclose?.({ code, reason });
    }
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#state = 3;
    this.#port.onmessage = null;
    this.#events.answered();
    this.#port.close();
  }
}
