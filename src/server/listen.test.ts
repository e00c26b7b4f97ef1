import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { ListenError, listen } from "./listen.ts";

test("one port for all addresses of localhost, accepted from each", async () => {
  const accepted: (string | undefined)[] = [];
  const create = () => createServer((socket) => accepted.push(socket.localAddress) && socket.destroy());
  const listening = await listen(create, "localhost", 0);
  const client = connect(listening.port, "127.0.0.1").resume();
  await once(client, "close");
  listening.close();
  expect(accepted).toEqual(["127.0.0.1"]);
});

test("a port that is taken is one sentence, and so is a host that is elsewhere", async () => {
  const first = await listen(() => createServer(), "127.0.0.1", 0);
  await expect(listen(() => createServer(), "127.0.0.1", first.port)).rejects.toThrow(
    new ListenError(`port ${first.port} is in use: expected a free one (--port)`),
  );
  first.close();
  await expect(listen(() => createServer(), "192.0.2.1", 0)).rejects.toThrow(
    new ListenError("host 192.0.2.1 is not an address of this machine (--host)"),
  );
});
