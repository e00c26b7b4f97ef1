import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Limits } from "../../src/protocol/index.ts";
import { TOKEN } from "../support/access-server.ts";
import { eventually } from "../support/eventually.ts";
import { guardedServer, openServer, startedProgram } from "../support/started.ts";
import type { TestServer } from "../support/test-server.ts";

// What a server keeps of clients that leave, or stay and do nothing: nothing.

/** Readers over HTTP, as the server counts them. */
async function readers(server: TestServer): Promise<number> {
  const answer = await fetch(server.url("/metrics"), { headers: { authorization: `Bearer ${TOKEN}` } });
  return Number(/^hello_websocket_readers (.*)$/m.exec(await answer.text())?.[1]);
}

const POLL = { timeout: 20_000, interval: 20 };

const statusOf = (answer: string): number => Number(answer.split(" ")[1]);

/** A WebSocket where there is none. */
const REFUSED =
  "GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

describe("who leaves", () => {
  test.each([
    "/cameras/front/stream.mjpg",
    "/cameras/front/stream.mp4",
    "/stream",
    "/cameras/front/snapshot.jpg",
  ])("before the gate has decided leaves nothing behind at %s", async (path) => {
    const server = await guardedServer();
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
    const server = await openServer();
    server.publish();
    const socket = connect(server.running.port, "127.0.0.1");
    socket.write("GET /cameras/front/stream.mjpg HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(20));
    await once(socket, "data");
    await expect.poll(() => readers(server), POLL).toBe(20);
    socket.destroy();
    await expect.poll(() => readers(server), POLL).toBe(0);
    expect(server.demands.at(-1)).toEqual([]);
  });

  test.skipIf(process.platform !== "linux")(
    "or not, who is refused a WebSocket takes no descriptor for long, and none from the end",
    async () => {
      const program = await startedProgram(["up", "--port", "0", "--camera", "a=test:160x120@5"]);
      const port = Number(new URL(program.firstLine).port);
      const refused = async (): Promise<Socket> => {
        // It does not leave because the server does.
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
        socket.on("error", () => {});
        socket.write(REFUSED);
        expect(statusOf(String((await once(socket, "data"))[0]))).toBe(404);
        return socket;
      };
      const before = program.descriptors;
      // They have read the answer, say one more byte and leave.
      for (let n = 0; n < 200; n++) (await refused()).end("x");
      await eventually(() => expect(program.descriptors).toBeLessThan(before + 10));
      const held: Socket[] = [];
      onTestFinished(() => {
        for (const socket of held) socket.destroy();
      });
      for (let n = 0; n < 300; n++) held.push(await refused());
      expect(program.descriptors).toBeLessThan(before + Limits.MAX_REFUSED_CONNECTIONS + 10);
      await eventually(() => expect(program.descriptors).toBeLessThan(before + 10));
      held.push(await refused());
      expect(await program.kill("SIGTERM")).toBe(0);
    },
  );
});

describe("a reader over HTTP who reads nothing", () => {
  afterEach(() => vi.useRealTimers());

  /** More than the kernel takes for a reader that does not read. */
  const MUCH_BYTES = 16_000_000;

  test.each(["snapshot.jpg", "stream.mjpg"])(
    "of %s has a place as long as it stays, a minute",
    async (file) => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
      const server = await openServer();
      server.publish(MUCH_BYTES);
      const reader = connect(server.running.port, "127.0.0.1");
      const closed = new Promise((resolve) => reader.once("close", resolve));
      reader.on("error", () => {});
      reader.write(`GET /cameras/front/${file} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await once(reader, "readable");
      vi.advanceTimersByTime(Limits.RECEIVER_TIMEOUT_MS);
      expect(await readers(server)).toBe(1);
      // The kernel may have taken a little more meanwhile.
      vi.advanceTimersByTime(2 * Limits.RECEIVER_TIMEOUT_MS);
      reader.resume();
      await closed;
      expect(reader.bytesRead).toBeLessThan(MUCH_BYTES);
      expect(await readers(server)).toBe(0);
      expect(server.demands.at(-1)).toEqual([]);
    },
  );
});
