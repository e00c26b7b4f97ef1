import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type Link, linkConditions } from "./link.ts";
import { LinkShaper } from "./link-shaper.ts";

const cleanup: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanup.splice(0).toReversed()) await clean();
});

async function through(
  link: Link,
  serve: (socket: Socket) => void,
): Promise<{ viewer: Socket; shaper: LinkShaper }> {
  const server = createServer({ allowHalfOpen: true }, serve);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanup.push(() => void server.close());
  const shaper = new LinkShaper(linkConditions(link));
  cleanup.push(() => shaper[Symbol.asyncDispose]());
  shaper.start();
  const port = await shaper.forward((server.address() as AddressInfo).port);
  const viewer = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  viewer.on("error", () => {});
  cleanup.push(() => void viewer.destroy());
  await once(viewer, "connect");
  return { viewer, shaper };
}

/** Its end, good or bad. */
function end(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function all(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

test.each<Link>([
  {},
  { bitsPerSecond: 80e6, roundTripMs: 10, jitterMs: 5 },
  { bitsPerSecond: 40e6, queueBytes: 1 },
])("carries all bytes in both directions, and the end: %o", async (link) => {
  const sent = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) % 251));
  const { viewer, shaper } = await through(link, (socket) => socket.pipe(socket));
  viewer.end(sent);
  expect((await all(viewer)).equals(sent)).toBe(true);
  expect(shaper.carried).toEqual({ downBytes: sent.length, upBytes: sent.length });
});

test("a connection that breaks on one side breaks on the other", async () => {
  const { viewer } = await through({}, (socket) => socket.once("data", () => socket.resetAndDestroy()));
  const closed = end(viewer);
  viewer.write("x");
  viewer.resume();
  await closed;
});

test("a server that is not there is a connection that closes", async () => {
  const shaper = new LinkShaper(linkConditions({}));
  cleanup.push(() => shaper[Symbol.asyncDispose]());
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const viewer = connect(await shaper.forward(port), "127.0.0.1");
  viewer.on("error", () => {});
  viewer.resume();
  await end(viewer);
});

test("a link that stalls makes its sender wait, and all arrives after it", async () => {
  let sender: Socket | undefined;
  const bytes = 40 * 1024 * 1024;
  const link = { stall: { fromMs: 0, toMs: 1000 } };
  const { viewer } = await through(link, (socket) => {
    sender = socket;
    socket.on("error", () => {});
    socket.end(Buffer.alloc(bytes));
  });
  let received = 0;
  viewer.on("data", (chunk: Buffer) => {
    // More than the kernel holds: without back-pressure all of it would have left the sender.
    if (received === 0) expect(sender?.writableFinished).toBe(false);
    received += chunk.length;
  });
  viewer.end();
  await once(viewer, "end");
  expect(received).toBe(bytes);
});
