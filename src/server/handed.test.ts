import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { TestViewer } from "../../test/support/test-viewer.ts";
import { MemoryBus } from "../bus/index.ts";
import { type HandedServer, runHanded } from "./server.ts";

let stop: () => Promise<void> = async () => {};
afterEach(() => stop());

/** A server behind a listener that is not its own. */
async function start(): Promise<{ server: HandedServer; port: number; door: Server }> {
  const pageDirectory = mkdtempSync(join(tmpdir(), "hello-page-"));
  writeFileSync(join(pageDirectory, "index.html"), "<title>the page</title>");
  const controller = new AbortController();
  const { signal } = controller;
  const bus = new MemoryBus();
  const changed = (): void => {};
  const server = await runHanded({ bus, token: undefined, pageDirectory, signal, changed });
  const door = createServer((socket) => server.take(socket)).listen(0, "127.0.0.1");
  await once(door, "listening");
  stop = async () => {
    controller.abort();
    door.close();
    await server.stopped;
  };
  return { server, port: (door.address() as AddressInfo).port, door };
}

test("a connection is busy until it has its answer, and again with the next; one that was kept is not", async () => {
  const { server, port } = await start();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const silent = connect(port, "127.0.0.1");
  await eventually(() => expect(server.busy).toBe(1));
  for (let n = 0; n < 2; n++) {
    const [response] = (await once(get(`http://127.0.0.1:${port}/healthz`, { agent }), "response")) as [
      IncomingMessage,
    ];
    expect(response.statusCode).toBe(200);
    expect(server.busy).toBeGreaterThanOrEqual(1);
    response.resume();
    await once(response, "end");
    await eventually(() => expect(server.busy).toBe(1));
  }
  silent.destroy();
  await eventually(() => expect(server.busy).toBe(0));
  agent.destroy();
});

test("a viewer is busy until it leaves, and counted", async () => {
  const { server, port } = await start();
  const viewer = await TestViewer.open(`ws://127.0.0.1:${port}/ws`);
  expect(server.busy).toBe(1);
  expect(server.tally({})).toEqual({ viewers: 1, tracks: [] });
  viewer.close();
  await eventually(() => expect(server.busy).toBe(0));
  await eventually(() => expect(server.tally({}).viewers).toBe(0));
});

test("its end closes viewers with 1001, and connections that are kept or do not say what they want", async () => {
  const { server, port } = await start();
  const viewer = await TestViewer.open(`ws://127.0.0.1:${port}/ws`);
  const agent = new Agent({ keepAlive: true });
  const [response] = (await once(get(`http://127.0.0.1:${port}/`, { agent }), "response")) as [
    IncomingMessage,
  ];
  response.resume();
  const kept = once(response.socket, "close");
  await once(response, "end");
  const silent = connect(port, "127.0.0.1").resume();
  silent.write("GET / HT");
  await eventually(() => expect(server.busy).toBe(2));
  const unheard = once(silent, "close");
  await stop();
  await Promise.all([kept, unheard]);
  await eventually(() => expect(viewer.closed?.code).toBe(1001));
  await eventually(() => expect(server.busy).toBe(0));
});
