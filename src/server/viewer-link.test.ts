import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, type Mock, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { ViewerLink } from "./viewer-link.ts";

const RESPONSE = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
const REQUEST = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";

/** Both ends of one connection. */
interface Pair {
  readonly link: ViewerLink;
  readonly client: Socket;
  /** All that the client got behind the response. */
  readonly received: () => Buffer;
  readonly came: Buffer[];
  readonly drained: Mock;
  readonly closed: Mock;
}

// Where Node looks otherwise than expected the link must be right as well, only not as cheap.
describe.each([true, false])("a link to a viewer (past the stream: %s)", (direct) => {
  let server: Server;
  const clients: Socket[] = [];

  beforeEach(async () => {
    server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  async function pair(): Promise<Pair> {
    const came: Buffer[] = [];
    const events = { drained: vi.fn(), closed: vi.fn() };
    const linked = new Promise<ViewerLink>((resolve) => {
      server.once("upgrade", (_, tcp) => {
        const bytes = (chunk: Buffer, length: number): unknown =>
          came.push(Buffer.from(chunk.subarray(0, length)));
        resolve(new ViewerLink(tcp, RESPONSE, { ...events, bytes }, { direct }));
      });
    });
    const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
    clients.push(client);
    const got: Buffer[] = [];
    client.on("data", (chunk) => got.push(chunk));
    client.on("error", () => {});
    client.write(REQUEST);
    const link = await linked;
    await eventually(() => expect(Buffer.concat(got).toString("latin1").startsWith(RESPONSE)).toBe(true));
    return { link, client, came, received: () => Buffer.concat(got).subarray(RESPONSE.length), ...events };
  }

  test("is what this Node can be", async () => {
    expect((await pair()).link.isDirect).toBe(direct);
  });

  test("carries bytes both ways", async () => {
    const { link, client, came, received } = await pair();
    link.write(Buffer.from("from the server"));
    client.write("from the viewer");
    await eventually(() => expect(received().toString()).toBe("from the server"));
    await eventually(() => expect(Buffer.concat(came).toString()).toBe("from the viewer"));
    expect(link.unsentBytes).toBe(0);
  });

  test("takes more than it reads at once", async () => {
    const { client, came } = await pair();
    const much = Buffer.alloc(100_000, "0123456789");
    client.write(much);
    await eventually(() => expect(Buffer.concat(came).equals(much)).toBe(true));
  });

  test("stops reading at once, and for good, while it goes on writing", async () => {
    const { link, client, came, received, closed } = await pair();
    came.push = (chunk) => {
      link.stopReading();
      return Array.prototype.push.call(came, chunk);
    };
    client.write(Buffer.alloc(1_000_000));
    await eventually(() => expect(came).toHaveLength(1));
    // By then the server has been round many times.
    for (let n = 1; n <= 20; n++) {
      link.write(Buffer.from("."));
      await eventually(() => expect(received().byteLength).toBe(n));
    }
    expect(came).toHaveLength(1);
    link.destroy();
    await eventually(() => expect(closed).toHaveBeenCalledOnce());
  });

  test("counts what the kernel does not take, keeps its order, and tells when it has left", async () => {
    const { link, client, received, drained } = await pair();
    client.pause();
    const written: Buffer[] = [];
    for (let n = 0; link.unsentBytes < 1_000_000; n++) {
      const bytes = Buffer.alloc(100_000 + n, n);
      written.push(bytes);
      link.write(bytes);
    }
    const last = Buffer.from("the last");
    link.write(last);
    const all = Buffer.concat([...written, last]);
    drained.mockClear();
    client.resume();
    await eventually(() => expect(received().byteLength).toBe(all.byteLength));
    expect(received().equals(all)).toBe(true);
    await eventually(() => expect(drained).toHaveBeenCalled());
    expect(link.unsentBytes).toBe(0);
  });

  test("sends all that was written before its end, and ends when the viewer does", async () => {
    const { link, client, received, closed } = await pair();
    client.pause();
    while (link.unsentBytes === 0) link.write(Buffer.alloc(200_000));
    link.write(Buffer.from("bye"));
    link.end();
    client.resume();
    await once(client, "end");
    expect(received().subarray(-3).toString()).toBe("bye");
    await eventually(() => expect(closed).toHaveBeenCalledOnce());
  });

  test.each(["end", "destroy", "resetAndDestroy"] as const)("notices the viewer's %s", async (how) => {
    const { client, closed, link } = await pair();
    client[how]();
    await eventually(() => expect(closed).toHaveBeenCalledOnce());
    link.write(Buffer.from("nobody reads this"));
    link.end();
    link.destroy();
    expect(closed).toHaveBeenCalledOnce();
  });

  test("ends at once with a viewer that does not read, and the kernel holds nothing for it either", async () => {
    const { link, client, closed, received } = await pair();
    client.pause();
    while (link.unsentBytes < 1_000_000) link.write(Buffer.alloc(200_000));
    const left = once(client, "close");
    link.destroy();
    await eventually(() => expect(closed).toHaveBeenCalledOnce());
    client.resume();
    await left;
    // The buffers of two sockets are megabytes.
    expect(received().byteLength).toBeLessThan(500_000);
  });
});
