import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, TLSSocket } from "node:tls";
import { IdleConnections } from "../idle-connections.ts";
import { IdleSet } from "../idle-set.ts";
import { cipherOrder } from "./cipher-order.ts";
import type { Certificate, KeyPair } from "./key-pair.ts";

/** Milliseconds that a client has until its connection is secure. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** First byte of a TLS connection: a record with a handshake (RFC 8446 section 5.1). No HTTP request starts so. */
const HANDSHAKE_RECORD = 0x16;

/** What comes through the door. */
export interface DoorEvents {
  /** A connection is secure, and has said nothing yet. */
  secured(socket: TLSSocket): void;
  /** A request came in the clear, on a connection that is not. */
  plain(request: IncomingMessage, response: ServerResponse): void;
}

/**
 * Makes connections secure. One port is for both: a client that begins in the clear, as with an address typed without
 * `https:`, is answered in the clear. Connections that are open keep their certificate when another takes its place.
 */
export class TlsDoor {
  readonly #events: DoorEvents;
  readonly #plain: Server;
  readonly #entering: IdleSet<Socket>;
  readonly #forget: () => void;
  #context: SecureContext;

  /** `maxEntering`: connections that may not have said what they are; one more ends the oldest of them. */
  constructor(certificate: Certificate, events: DoorEvents, maxEntering?: number) {
    this.#events = events;
    this.#entering = new IdleSet(maxEntering);
    this.#context = secureContext(certificate.current);
    this.#forget = certificate.follow((pair) => {
      this.#context = secureContext(pair);
    });
    this.#plain = createServer((request, response) => events.plain(request, response));
    this.#plain.headersTimeout = HANDSHAKE_TIMEOUT_MS;
    // Without it nothing watches the time of headers: this server never listens.
    this.#plain.emit("listening");
    new IdleConnections(this.#plain);
  }

  /** Connections of which it is not known yet what they are. */
  get entering(): number {
    return this.#entering.size;
  }

  /** Take a connection of which nothing has been read. */
  take(socket: Socket): void {
    const limit = setTimeout(() => socket.destroy(), HANDSHAKE_TIMEOUT_MS);
    const entered = (): void => {
      clearTimeout(limit);
      this.#entering.delete(socket);
    };
    socket.on("error", () => socket.destroy());
    socket.once("close", entered);
    this.#entering.add(socket);
    socket.once("data", (chunk: Buffer) => {
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === HANDSHAKE_RECORD) {
        this.#secure(socket, entered);
      } else {
        entered();
        this.#plain.emit("connection", socket);
        socket.resume();
      }
    });
    socket.resume();
  }

  /** Close what has not entered, and what is in the clear. */
  close(): void {
    this.#forget();
    for (const socket of this.#entering) socket.destroy();
    this.#plain.closeAllConnections();
    this.#plain.close();
  }

  #secure(tcp: Socket, entered: () => void): void {
    const socket = new TLSSocket(tcp, { isServer: true, secureContext: this.#context });
    socket.on("error", () => socket.destroy());
    socket.once("secure", () => {
      entered();
      this.#events.secured(socket);
    });
  }
}

function secureContext({ cert, key }: KeyPair): SecureContext {
  return createSecureContext({
    cert,
    key,
    minVersion: "TLSv1.2",
    ciphers: cipherOrder(),
    honorCipherOrder: true,
  });
}
