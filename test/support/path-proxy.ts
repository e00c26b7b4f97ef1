import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { connect } from "node:net";
import type { Duplex } from "node:stream";

/** A web server as people put before this one: what is below its path goes to a port of this machine, WebSockets too. */
export class PathProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #path: string;
  readonly #sockets = new Set<Duplex>();

  private constructor(path: string, port: number) {
    this.#path = path;
    this.#server = createServer((asked, reply) => {
      const inner = this.#inner(asked);
      if (inner === undefined) {
        reply.writeHead(404).end("below another path");
        return;
      }
      const { method, headers } = asked;
      const onward = request({ host: "127.0.0.1", port, path: inner, method, headers }, (answer) => {
        reply.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(reply);
      });
      onward.on("error", () => reply.destroy());
      asked.pipe(onward);
    });
    this.#server.on("connection", (socket) => this.#keep(socket));
    this.#server.on("upgrade", (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
      const onward = connect(port, "127.0.0.1");
      this.#keep(onward);
      const lines = [`GET ${this.#inner(asked) ?? "/"} HTTP/1.1`];
      for (let at = 0; at < asked.rawHeaders.length; at += 2) {
        lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`);
      }
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
      onward.on("error", () => socket.destroy());
      socket.on("error", () => onward.destroy());
    });
  }

  /** `path`: such as `/below/`. */
  static async start(path: string, port: number): Promise<PathProxy> {
    const proxy = new PathProxy(path, port);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Of what is below the path. */
  get address(): string {
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return `http://127.0.0.1:${port}${this.#path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #keep(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #inner(asked: IncomingMessage): string | undefined {
    const url = asked.url ?? "/";
    return url.startsWith(this.#path) ? url.slice(this.#path.length - 1) : undefined;
  }
}
