import { once } from "node:events";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { IdleConnections } from "./idle-connections.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function start(max: number): Promise<{ idle: IdleConnections; port: number; server: Server }> {
  const server = createServer((request, response) => {
    if (request.url === "/now") response.end("here");
    else response.write("some");
  });
  const idle = new IdleConnections(server, max);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ends.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { idle, port: (server.address() as AddressInfo).port, server };
}

function quiet(port: number): Socket {
  const socket = connect(port, "127.0.0.1").resume();
  socket.on("error", () => {});
  ends.push(() => socket.destroy());
  return socket;
}

test("one more than there may be ends the one that was idle for longest", async () => {
  const { idle, port } = await start(2);
  const [first, second] = [quiet(port), undefined];
  await eventually(() => expect(idle.size).toBe(1));
  expect(second).toBeUndefined();
  const others: Socket[] = [];
  for (let n = 0; n < 2; n++) {
    const socket = quiet(port);
    others.push(socket);
    await once(socket, "connect");
  }
  await eventually(() => expect(first.destroyed).toBe(true));
  expect(idle.size).toBe(2);
  expect(others.map(({ destroyed }) => destroyed)).toEqual([false, false]);
});

test("who is being answered is not idle, and who was answered is", async () => {
  const { idle, port } = await start(1);
  const [slow] = (await once(get({ port, path: "/slow", agent: false }), "response")) as [IncomingMessage];
  expect(idle.size).toBe(0);
  const kept = connect(port, "127.0.0.1");
  kept.write("GET /now HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(kept, "data");
  await eventually(() => expect(idle.size).toBe(1));
  quiet(port);
  await eventually(() => expect(kept.destroyed).toBe(true));
  expect(slow.destroyed).toBe(false);
  slow.destroy();
});
