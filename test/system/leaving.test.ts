import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AccessServer, TOKEN } from "../support/access-server.ts";
import { TestServer } from "../support/test-server.ts";

// What a server keeps of clients that leave, or stay and do nothing: nothing.

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function closed(): Promise<AccessServer> {
  const server = await AccessServer.start();
  ends.push(() => server.stop());
  return server;
}

async function open(): Promise<TestServer> {
  const server = await TestServer.start();
  ends.push(() => server.stop());
  return server;
}

/** Readers over HTTP, as the server counts them. */
async function readers(server: TestServer): Promise<number> {
  const answer = await fetch(server.url("/metrics"), { headers: { authorization: `Bearer ${TOKEN}` } });
  return Number(/^hello_websocket_readers (.*)$/m.exec(await answer.text())?.[1]);
}

const POLL = { timeout: 5000, interval: 20 };

describe("who leaves", () => {
  test.each([
    "/cameras/front/stream.mjpg",
    "/cameras/front/stream.mp4",
    "/stream",
    "/cameras/front/snapshot.jpg",
  ])("before the gate has decided leaves nothing behind at %s", async (path) => {
    const server = await closed();
    const { authority, running, demands } = server.server;
    const cookie = await server.login("viewer");
    for (let n = 0; n < 100; n++) {
      const socket = connect(running.port, "127.0.0.1");
      socket.on("error", () => {});
      await once(socket, "connect");
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${authority}\r\nCookie: ${cookie}\r\n\r\n`);
      for (let turns = n % 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    // All of them are through the gate when one that came later is.
    expect((await server.ask("/cameras", { headers: { cookie } })).status).toBe(200);
    await expect.poll(() => readers(server.server), POLL).toBe(0);
    expect(demands.at(-1) ?? []).toEqual([]);
  });

  test("with requests that wait behind a stream leaves nothing behind", async () => {
    const server = await open();
    server.publish();
    const socket = connect(server.running.port, "127.0.0.1");
    socket.write("GET /cameras/front/stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20));
    await once(socket, "data");
    await expect.poll(() => readers(server), POLL).toBe(20);
    socket.destroy();
    await expect.poll(() => readers(server), POLL).toBe(0);
    expect(server.demands.at(-1)).toEqual([]);
  });

});
