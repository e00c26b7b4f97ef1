import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type RawData, type WebSocket, WebSocketServer } from "ws";
import { Control, Limits, ProtocolError } from "../protocol/index.ts";

/** Milliseconds between two pings to every viewer. */
const PING_INTERVAL_MS = 20_000;

/** Pings without an answer after which a viewer has stalled. */
const MAX_MISSED_PINGS: number = Limits.RECEIVER_TIMEOUT_MS / PING_INTERVAL_MS;

/** What comes from a viewer. Whatever a handler throws closes the connection; a {@link ProtocolError} says how. */
export interface ViewerEvents {
  text(message: string): void;
  binary(message: Buffer): void;
  /** There is room to send again. */
  drained(): void;
  /** The connection ended. Called once. */
  closed(): void;
}

/** One WebSocket to a viewer. Frames go to the TCP socket as whole, ready messages; all else through `ws`. */
export class ViewerSocket {
  readonly #ws: WebSocket;
  readonly #tcp: Duplex;
  #lastFrameBytes = 0;
  #missedPings = 0;

  constructor(ws: WebSocket, tcp: Duplex) {
    this.#ws = ws;
    this.#tcp = tcp;
  }

  /** Whether the last frame has left this process's memory. */
  get ready(): boolean {
    return this.#tcp.writableLength === 0 || !this.#tcp.writableNeedDrain;
  }

  /** Hear the viewer. Called once. */
  listen(events: ViewerEvents): void {
    const guard = (handle: () => void): void => {
      if (this.#ws.readyState !== this.#ws.OPEN) return;
      try {
        handle();
      } catch (error) {
        this.close(error instanceof ProtocolError ? error : new ProtocolError("HW_MALFORMED", String(error)));
      }
    };
    this.#ws.on("message", (data: RawData, isBinary: boolean) => {
      const message = data as Buffer;
      guard(() => (isBinary ? events.binary(message) : events.text(message.toString())));
    });
    this.#ws.on("pong", () => {
      this.#missedPings = 0;
    });
    // `ws` has closed the connection with the right code when it says what was wrong.
    this.#ws.on("error", () => {});
    this.#ws.on("close", () => events.closed());
    this.#tcp.on("drain", () => events.drained());
  }

  /** Send a whole WebSocket message, header included. */
  write(message: Buffer): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#lastFrameBytes = message.byteLength;
    this.#tcp.write(message);
  }

  /** Send text. A viewer that lets texts pile up is closed. */
  text(message: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#tcp.writableLength - this.#lastFrameBytes > Limits.MAX_BACKLOG_BYTES) {
      this.close(new ProtocolError("HW_STALLED", "the viewer does not read"));
      return;
    }
    this.#ws.send(message);
  }

  /** Close: with the code of what the viewer did wrong, or because the server stops. */
  close(error?: ProtocolError): void {
    // A close reason has at most 123 bytes (RFC 6455 section 5.5).
    this.#ws.close(error?.closeCode ?? 1001, error?.message.slice(0, 120) ?? "the server stops");
    // A viewer that does not read never sees it, and its backlog would be held meanwhile.
    if (error?.code === "HW_STALLED") this.#ws.terminate();
  }

  /** Ask whether the viewer is there; close it if it has not answered for long. */
  ping(): void {
    if (this.#ws.readyState === this.#ws.CLOSING) {
      this.#ws.terminate();
    } else if (this.#missedPings >= MAX_MISSED_PINGS) {
      this.close(
        new ProtocolError("HW_STALLED", `nothing was read for ${Limits.RECEIVER_TIMEOUT_MS / 1000} s`),
      );
    } else {
      this.#missedPings++;
      this.#ws.ping();
    }
  }

  /** End at once. */
  terminate(): void {
    this.#ws.terminate();
  }
}

/** All WebSockets of a server: the handshake, one clock for all pings, and the end. */
export class ViewerSockets {
  // Compression would cost each viewer 300 kB and each frame milliseconds, and a JPEG does not shrink.
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: Limits.MAX_VIEWER_MESSAGE_BYTES,
    handleProtocols: (offered) => (offered.has(Control.SUBPROTOCOL) ? Control.SUBPROTOCOL : false),
  });
  readonly #sockets = new Set<ViewerSocket>();
  readonly #timer: NodeJS.Timeout = setInterval(() => {
    for (const socket of this.#sockets) socket.ping();
  }, PING_INTERVAL_MS);

  /** How many viewers are connected. */
  get size(): number {
    return this.#sockets.size;
  }

  /** Complete a handshake. `opened` learns whether the full protocol was agreed. */
  upgrade(
    request: IncomingMessage,
    tcp: Duplex,
    head: Buffer,
    opened: (socket: ViewerSocket, full: boolean) => void,
  ): void {
    this.#server.handleUpgrade(request, tcp, head, (ws) => {
      const socket = new ViewerSocket(ws, tcp);
      this.#sockets.add(socket);
      ws.on("close", () => this.#sockets.delete(socket));
      opened(socket, ws.protocol === Control.SUBPROTOCOL);
    });
  }

  /** Tell all viewers that the server stops; those that have not gone after `graceMs` are cut. */
  async close(graceMs: number): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.close();
    const deadlineMs = performance.now() + graceMs;
    while (this.#sockets.size > 0 && performance.now() < deadlineMs) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const socket of this.#sockets) socket.terminate();
  }
}
