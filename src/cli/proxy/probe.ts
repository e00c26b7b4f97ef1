import { createHash, randomBytes } from "node:crypto";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import { Control } from "../../protocol/index.ts";

/** Milliseconds that any answer may take. */
const TIMEOUT_MS = 10_000;

/** Bytes of an answer that is read whole: a page, a list of cameras or a picture. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** The constant of RFC 6455 section 1.3. */
const ACCEPT_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A whole answer. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
  /** When its last byte was here, in milliseconds of this machine's clock. */
  readonly atMs: number;
}

/** What became of a WebSocket handshake. */
export type Upgrade =
  | { readonly upgraded: false; readonly status: number; readonly body: string }
  | {
      readonly upgraded: true;
      /** The answer belongs to our question. */
      readonly isOurs: boolean;
      readonly protocol: string | undefined;
      /** Bytes of the server's first message came. */
      readonly hears: boolean;
      /** A ping of ours was answered. */
      readonly isHeard: boolean;
    };

/** Makes the requests of a page to a server at some address, as a browser would, and looks at every byte of the answers. */
export class Probe {
  /** The address; what is asked for is relative to it. */
  readonly base: URL;
  readonly #token: string | undefined;
  readonly #agent: HttpAgent;

  /** `authorities`: whose certificates are good, beside those that Node knows; PEM. */
  constructor(base: URL, token: string | undefined, authorities: readonly string[]) {
    this.base = base;
    this.#token = token;
    this.#agent = base.protocol === "https:" ? new HttpsAgent({ ca: [...authorities] }) : new HttpAgent();
  }

  /** Get a path, seen from the address. */
  async get(path: string): Promise<Answer> {
    const response = await this.open(path);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BODY_BYTES) throw new Error(`the answer to ${path} never ends`);
    }
    const { statusCode: status = 0, headers } = response;
    return { status, headers, body: Buffer.concat(chunks), atMs: Date.now() };
  }

  /** The answer to a GET whose body is still to come. Whoever opens it destroys it. */
  async open(path: string): Promise<IncomingMessage> {
    const request = this.#request(path, {});
    return new Promise((resolve, reject) => {
      request.on("response", resolve).on("error", reject).end();
    });
  }

  /** Open a WebSocket at a path, hear the server, be heard, and leave. */
  async upgrade(path: string): Promise<Upgrade> {
    const key = randomBytes(16).toString("base64");
    const request = this.#request(path, {
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      "Sec-WebSocket-Key": key,
      "Sec-WebSocket-Protocol": Control.SUBPROTOCOL,
    });
    return new Promise((resolve, reject) => {
      request.on("error", reject);
      request.on("response", (response) => {
        let body = "";
        response.on("data", (chunk) => {
          if (body.length < MAX_BODY_BYTES) body += String(chunk);
        });
        response.on("error", reject);
        response.on("end", () => resolve({ upgraded: false, status: response.statusCode ?? 0, body }));
      });
      request.on("upgrade", (response, socket, head) => {
        const accept = createHash("sha1")
          .update(key + ACCEPT_SUFFIX)
          .digest("base64");
        const isOurs = response.headers["sec-websocket-accept"] === accept;
        const protocol = response.headers["sec-websocket-protocol"];
        converse(socket, head).then(
          (heard) => resolve({ upgraded: true, isOurs, protocol, ...heard }),
          reject,
        );
      });
      request.end();
    });
  }

  /** Close what is kept open. */
  close(): void {
    this.#agent.destroy();
  }

  #request(path: string, headers: Readonly<Record<string, string>>): ReturnType<typeof requestHttp> {
    const url = new URL(path, this.base);
    const request = (url.protocol === "https:" ? requestHttps : requestHttp)(url, {
      agent: this.#agent,
      headers: {
        Accept: "*/*",
        Origin: this.base.origin,
        ...(this.#token !== undefined && { Authorization: `Bearer ${this.#token}` }),
        ...headers,
      },
    });
    request.setTimeout(TIMEOUT_MS, () =>
      request.destroy(new Error(`no answer came within ${TIMEOUT_MS / 1000} s`)),
    );
    return request;
  }
}

/** An empty ping of a client, masked, and the server's answer to it (RFC 6455 section 5). */
const PING = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
const PONG = Buffer.from([0x8a, 0x00]);

async function converse(socket: Duplex, head: Buffer): Promise<{ hears: boolean; isHeard: boolean }> {
  let bytes = head;
  socket.write(PING);
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, TIMEOUT_MS / 2);
    const done = (): void => {
      clearTimeout(limit);
      resolve();
    };
    socket.on("data", (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.includes(PONG) && bytes.length > PONG.length) done();
    });
    socket.on("error", done).on("close", done);
  });
  socket.destroy();
  return { hears: bytes.includes('"hello"'), isHeard: bytes.includes(PONG) };
}
