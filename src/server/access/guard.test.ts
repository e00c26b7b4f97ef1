import { type AddressInfo, connect, type Socket } from "node:net";
import { fastify } from "fastify";
import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { MemoryBus } from "../../bus/index.ts";
import { MainDesk } from "./desk.ts";
import { Entrance } from "./entrance.ts";
import { guard } from "./guard.ts";
import { Ledger } from "./ledger.ts";
import { KEY_BYTES } from "./seal.ts";

let close = async (): Promise<void> => {};
afterEach(() => close());

test("who leaves while the gate decides is given nothing, and keeps no place", async () => {
  const ledger = new Ledger();
  const main = new MainDesk(ledger);
  const seat = main.seat();
  const { id } = await seat.share({ cameras: ["front"], role: "view", seconds: 60 });
  // A desk in another process: its answer takes a while.
  let admit = (): void => {};
  const entered = vi.fn();
  const left = vi.fn();
  const desk = Object.assign(Object.create(seat) as typeof seat, {
    enter: () => {
      entered();
      return new Promise<boolean>((resolve) => {
        admit = () => resolve(true);
      });
    },
    leave: left,
  });
  const entrance = new Entrance(new MemoryBus(), "a-token", { key: new Uint8Array(KEY_BYTES), ledger, desk });
  const app = fastify();
  close = () => app.close();
  guard(app, entrance);
  const handler = vi.fn(() => "a picture");
  app.get("/picture", { config: { need: "view", pictures: true } }, handler);
  const sockets: Socket[] = [];
  app.server.on("connection", (socket: Socket) => sockets.push(socket));
  await app.listen({ host: "127.0.0.1", port: 0 });

  const share = ledger.share(id, Date.now());
  const token = share === undefined ? "" : await entrance.seal.share(share);
  const ask = (): Socket => {
    const client = connect((app.server.address() as AddressInfo).port, "127.0.0.1").resume();
    client.write(`GET /picture HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    return client;
  };
  const gone = ask();
  await eventually(() => expect(entered).toHaveBeenCalledTimes(1));
  // A reset is an error before it is the end.
  const closed = new Promise((resolve) => sockets[0]?.once("close", resolve));
  gone.resetAndDestroy();
  await closed;
  admit();
  await eventually(() => expect(left).toHaveBeenCalledTimes(1));
  // Whoever asks next is served, so the one before would have been by now.
  ask();
  await eventually(() => expect(entered).toHaveBeenCalledTimes(2));
  admit();
  await eventually(() => expect(left).toHaveBeenCalledTimes(2));
  expect(handler).toHaveBeenCalledTimes(1);
  entrance.close();
});
