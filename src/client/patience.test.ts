import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type SlowOptions, SlowServer } from "../../test/support/slow-server.ts";
import { Connection } from "./connection.ts";
import type { Link } from "./link.ts";
import { Hub } from "./shared/hub.ts";
import type { TabPort } from "./shared/messages.ts";
import type { OpenSocket, Socket } from "./socket.ts";

/** A page that watches one track, and paints what comes at once. */
class Page {
  frames = 0;
  readonly reasons: (string | undefined)[] = [];
  readonly connection: Connection;

  constructor(open: OpenSocket, windowFrames = 1) {
    this.connection = new Connection(
      { url: "ws://server/ws", open },
      {
        link: (link: Link) => {
          if (link.state === "lost") this.reasons.push(link.reason);
        },
        cameras: () => {},
        watching: () => {},
        frame: ({ track, sequence }) => {
          this.frames++;
          this.connection.acknowledge({ track, sequence, windowFrames });
        },
      },
    );
    this.connection.watch("front", "jpeg", windowFrames);
    this.connection.open();
    pages.push(this);
  }

  /** How long it takes until the connection is lost. */
  untilLostMs(): number {
    const count = this.reasons.length;
    const beganAtMs = performance.now();
    while (this.reasons.length === count && performance.now() - beganAtMs < 600_000)
      vi.advanceTimersByTime(50);
    return performance.now() - beganAtMs;
  }
}

/** What a tab opens instead of a WebSocket: a conversation with the hub, with nothing between the two. */
function through(hub: Hub): OpenSocket {
  return (url) => {
    const socket = {
      binaryType: "arraybuffer" as BinaryType,
      readyState: 1,
      onmessage: null as Socket["onmessage"],
      onclose: null as Socket["onclose"],
      send: (data: string | Uint8Array): void => soon(() => port.onmessage?.({ data })),
      close: (code?: number): void => {
        socket.readyState = 3;
        soon(() => port.onmessage?.({ data: { code: code ?? 1000, reason: "" } }));
      },
    };
    const hear = (data: unknown): void => {
      if (Array.isArray(data)) for (const frame of data) socket.onmessage?.({ data: frame });
      else if (typeof data === "string") socket.onmessage?.({ data });
      else if ("code" in (data as object)) {
        socket.readyState = 3;
        socket.onclose?.(data as { code: number; reason: string });
      }
    };
    const port: TabPort = { onmessage: null, postMessage: (data) => soon(() => hear(data)), close: () => {} };
    hub.connect(port, url, () => {});
    return socket;
  };
}

function soon(run: () => void): void {
  setTimeout(run, 0);
}

let pages: Page[];

beforeEach(() => {
  vi.useFakeTimers();
  pages = [];
});

afterEach(() => {
  for (const { connection } of pages) connection.close();
  vi.useRealTimers();
});

const NINE_SECONDS: SlowOptions = { bitsPerSecond: 100_000, frameBytes: 112_500 };
const QUICK: SlowOptions = { bitsPerSecond: 10_000_000, frameBytes: 112_500 };

test.each([
  ["100 kB at 128 kbit/s", 100_000, 128_000, 47],
  ["300 kB at 400 kbit/s", 300_000, 400_000, 49],
  ["40 kB at 30 kbit/s", 40_000, 30_000, 27],
  ["100 kB at 500 kbit/s", 100_000, 500_000, 186],
])("%s: every frame comes, on one connection", (_, frameBytes, bitsPerSecond, frames) => {
  const server = new SlowServer({ bitsPerSecond, frameBytes });
  const page = new Page(server.open);
  vi.advanceTimersByTime(300_000);
  expect(server.sockets).toHaveLength(1);
  expect(page.frames).toBeGreaterThanOrEqual(frames);
});

test.each([25, 40, 55])(
  "a frame that takes %i s is waited for in the end, and those behind it",
  (seconds) => {
    const server = new SlowServer({ bitsPerSecond: 40_000, frameBytes: 5_000 * seconds });
    const page = new Page(server.open);
    vi.advanceTimersByTime(180_000);
    expect(page.frames).toBeGreaterThan(0);
    const { length } = server.sockets;
    const before = page.frames;
    vi.advanceTimersByTime(600_000);
    expect(server.sockets).toHaveLength(length);
    expect(page.frames - before).toBeGreaterThanOrEqual(Math.floor(600 / seconds) - 1);
  },
);

test.each([
  ["a page", (server: SlowServer) => server.open],
  ["a tab", (server: SlowServer) => through(new Hub(server.open))],
])("%s finds out within seconds that a server is gone, where frames come quickly", (_, open) => {
  const server = new SlowServer(QUICK);
  const page = new Page(open(server));
  vi.advanceTimersByTime(60_000);
  server.mute = true;
  expect(page.untilLostMs()).toBeLessThanOrEqual(8_000);
  expect(page.reasons).toEqual(["The server has gone silent"]);
});

test("that a server is gone is found out on a slow link too", () => {
  const server = new SlowServer({ ...NINE_SECONDS });
  const page = new Page(server.open);
  vi.advanceTimersByTime(200_000);
  server.mute = true;
  expect(page.untilLostMs()).toBeLessThanOrEqual(30_000);
});

test("a link that becomes slow costs one connection, and none later", () => {
  const server = new SlowServer({ ...QUICK });
  const page = new Page(server.open);
  vi.advanceTimersByTime(600_000);
  Object.assign(server.options, NINE_SECONDS);
  vi.advanceTimersByTime(600_000);
  expect(page.reasons).toEqual(["The server has gone silent"]);
});

test("a link that becomes quick again is soon trusted as before", () => {
  const server = new SlowServer({ ...NINE_SECONDS });
  const page = new Page(server.open);
  vi.advanceTimersByTime(200_000);
  Object.assign(server.options, QUICK);
  vi.advanceTimersByTime(130_000);
  expect(page.reasons).toEqual([]);
  server.mute = true;
  expect(page.untilLostMs()).toBeLessThanOrEqual(8_000);
});

test("a server that is gone costs no more patience than the silence of what was asked for", () => {
  const server = new SlowServer(QUICK);
  const page = new Page(server.open);
  page.connection.unwatch("front", "jpeg");
  for (let count = 0; count < 3; count++) {
    vi.advanceTimersByTime(10_000);
    server.mute = true;
    expect(page.untilLostMs()).toBeLessThanOrEqual(8_000);
    server.mute = false;
  }
});

test("tabs that share a slow link keep its connection, whoever comes when", () => {
  const server = new SlowServer({ ...NINE_SECONDS });
  const hub = new Hub(server.open);
  const one = new Page(through(hub));
  vi.advanceTimersByTime(100_000);
  const two = new Page(through(hub));
  vi.advanceTimersByTime(200_000);
  expect(server.sockets).toHaveLength(1);
  expect(one.frames).toBeGreaterThanOrEqual(32);
  expect(two.frames).toBeGreaterThanOrEqual(20);
});

test("what tabs have learnt of the way to their server holds for one that comes later", () => {
  const server = new SlowServer({ bitsPerSecond: 40_000, frameBytes: 150_000 });
  const hub = new Hub(server.open);
  const tabs = [new Page(through(hub)), new Page(through(hub))];
  vi.advanceTimersByTime(22_000);
  expect(server.sockets).toHaveLength(2);
  tabs.push(new Page(through(hub)));
  vi.advanceTimersByTime(300_000);
  expect(server.sockets).toHaveLength(2);
  for (const tab of tabs) expect(tab.frames).toBeGreaterThanOrEqual(8);
});

test("tabs all hear that their server is gone", () => {
  const server = new SlowServer(QUICK);
  const hub = new Hub(server.open);
  const tabs = [new Page(through(hub)), new Page(through(hub))];
  vi.advanceTimersByTime(60_000);
  server.mute = true;
  vi.advanceTimersByTime(8_000);
  for (const tab of tabs) expect(tab.reasons).toHaveLength(1);
  expect(server.sockets[0]?.readyState).toBe(3);
});
