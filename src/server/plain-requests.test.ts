import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { PlainRequests } from "./plain-requests.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

const WISH =
  "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

/** A client of a server that says what it was asked; `/slow` gets no answer. */
class Client {
  readonly socket: Socket;
  readonly #heard: Buffer[] = [];

  private constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => this.#heard.push(chunk));
  }

  static async open(): Promise<{ client: Client; served: Socket[] }> {
    const served: Socket[] = [];
    const server = createServer((request, response) => {
      served.push(request.socket);
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method, url, headers } = request;
        const said = `<${method} ${url} ${String(headers["x-name"])} ${headers.upgrade} ${Buffer.concat(chunks).toString()}>`;
        if (url !== "/slow") response.end(said, "latin1");
      });
    });
    const plain = new PlainRequests(server);
    server.on("upgrade", (request, connection, rest) => plain.take(request, connection, rest));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ends.push(() => {
      server.close();
      server.closeAllConnections();
    });
    const client = new Client((server.address() as AddressInfo).port);
    ends.push(() => client.socket.destroy());
    return { client, served };
  }

  say(text: string): void {
    this.socket.write(Buffer.from(text, "latin1"));
  }

  /** The bodies that came, in order. */
  get bodies(): string[] {
    return (
      Buffer.concat(this.#heard)
        .toString("latin1")
        .match(/<[^>]*>/g) ?? []
    );
  }
}

test("a request that asks for HTTP/2 is served without that, every header as it was", async () => {
  const { client } = await Client.open();
  client.say(`GET /a?b=%20c HTTP/1.1\r\nHost: a\r\nX-Name:  h\xe4mmer \r\n${WISH}\r\n`);
  await eventually(() => expect(client.bodies).toEqual(["<GET /a?b=%20c h\xe4mmer undefined >"]));
});

test.each([
  ["whole", "Content-Length: 11", ["hello world"]],
  ["in parts", "Content-Length: 11", ["hel", "lo ", "world"]],
  ["in chunks", "Transfer-Encoding: chunked", ["6\r\nhello \r\n", "5\r\nwor", "ld\r\n0\r\n\r\n"]],
])("a body is read: %s", async (_, length, parts) => {
  const { client, served } = await Client.open();
  client.say(`POST /a HTTP/1.1\r\nHost: a\r\n${length}\r\n${WISH}\r\n`);
  await eventually(() => expect(served).toHaveLength(1));
  for (const part of parts) {
    client.say(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await eventually(() => expect(client.bodies).toEqual(["<POST /a undefined undefined hello world>"]));
});

test("what comes in the same packet is served after it, in order", async () => {
  const { client } = await Client.open();
  client.say(
    `POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n${WISH}\r\nxyGET /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n`,
  );
  await eventually(() =>
    expect(client.bodies).toEqual([
      "<POST /a undefined undefined xy>",
      "<GET /b undefined undefined >",
      "<GET /c undefined undefined >",
    ]),
  );
});

test("a connection is kept for as many as a client likes, and gathers nothing", async () => {
  const { client, served } = await Client.open();
  const listeners = (): number[] => {
    const socket = served.at(-1)!;
    return socket.eventNames().map((name) => socket.listenerCount(name));
  };
  let first: number[] = [];
  for (let n = 1; n <= 20; n++) {
    client.say(`GET /${n} HTTP/1.1\r\nHost: a\r\n${WISH}\r\n`);
    await eventually(() => expect(client.bodies).toHaveLength(n));
    if (n === 2) first = listeners();
  }
  expect(new Set(served).size).toBe(1);
  expect(listeners()).toEqual(first);
});

test("one behind a request that has no answer ends the connection: whose answer comes next could not be told", async () => {
  const { client } = await Client.open();
  client.say(`GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n${WISH}\r\n`);
  await once(client.socket, "close");
  expect(client.bodies).toEqual([]);
});

test("one with more headers than Node keeps is not taken for what is left of it", async () => {
  const { client, served } = await Client.open();
  client.say(`POST /a HTTP/1.1\r\nHost: a\r\n${WISH}${"a:\r\n".repeat(1100)}Content-Length: 2\r\n\r\nxy`);
  await once(client.socket, "close");
  expect(served).toEqual([]);
});
