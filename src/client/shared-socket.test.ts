import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SharedSockets } from "./shared-socket.ts";
import type { Socket } from "./socket.ts";

/** A WebSocket that only exists in memory. */
class FakeSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 1;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly sent: unknown[] = [];
  closedWith: number | undefined;

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closedWith = code;
  }
}

const open: MessagePort[] = [];
let alone: FakeSocket[];

/** The hub's ends of the conversations that it is asked for. */
function fakeHub(): {
  readonly port: MessagePort;
  readonly asked: Promise<MessagePort>;
  readonly urls: string[];
} {
  const { port1, port2 } = new MessageChannel();
  open.push(port1, port2);
  const urls: string[] = [];
  const asked = new Promise<MessagePort>((resolve) => {
    port2.onmessage = ({ data, ports: [port] }) => {
      urls.push(data.url);
      if (port === undefined) return;
      open.push(port);
      resolve(port);
    };
  });
  return { port: port1, asked, urls };
}

function openAlone(): Socket {
  const socket = new FakeSocket();
  alone.push(socket);
  return socket;
}

beforeEach(() => {
  alone = [];
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
  for (const port of open.splice(0)) port.close();
});

/** The next thing that comes on a port. */
function next(port: MessagePort): Promise<unknown> {
  return new Promise((resolve) => {
    port.onmessage = ({ data }) => resolve(data);
  });
}

test("where there is no hub, a tab has a WebSocket of its own", () => {
  const socket = new SharedSockets(undefined, openAlone).open("ws://server/ws", "hello.v1");
  expect(alone).toEqual([socket]);
});

test("through the hub, messages of both kinds go both ways", async () => {
  const hub = fakeHub();
  const socket = new SharedSockets(hub.port, openAlone).open("ws://server/ws", "hello.v1");
  const conversation = await hub.asked;
  expect(hub.urls).toEqual(["ws://server/ws"]);
  expect(socket.readyState).toBe(0);
  const heard: unknown[] = [];
  const three = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      if (heard.push(data) === 3) resolve();
    };
  });
  conversation.postMessage({ opened: true });
  conversation.postMessage('{"type":"hello","version":1}');
  const frames = [new Uint8Array([1, 2]).buffer, new Uint8Array([3]).buffer];
  conversation.postMessage(frames);
  await three;
  expect(heard).toEqual(['{"type":"hello","version":1}', ...frames]);
  expect(socket.readyState).toBe(1);
  const text = next(conversation);
  socket.send("a question");
  expect(await text).toBe("a question");
  const bytes = next(conversation);
  socket.send(new Uint8Array([2, 1]));
  expect(await bytes).toEqual(new Uint8Array([2, 1]));
  expect(alone).toEqual([]);
});

test("either side may end it, and says why", async () => {
  const hub = fakeHub();
  const sockets = new SharedSockets(hub.port, openAlone);
  const first = sockets.open("ws://server/ws", "hello.v1");
  const conversation = await hub.asked;
  const closed = new Promise((resolve) => {
    first.onclose = resolve;
  });
  conversation.postMessage({ opened: true });
  conversation.postMessage({ code: 1001, reason: "the server stops" });
  expect(await closed).toEqual({ code: 1001, reason: "the server stops" });
  expect(first.readyState).toBe(3);

  const another = fakeHub();
  const second = new SharedSockets(another.port, openAlone).open("ws://server/ws", "hello.v1");
  const said = next(await another.asked);
  second.close(4408, "silent");
  expect(await said).toEqual({ code: 4408, reason: "silent" });
});

test("a hub that does not answer is left, by who waits and by who comes", async () => {
  const hub = fakeHub();
  const sockets = new SharedSockets(hub.port, openAlone);
  const socket = sockets.open("ws://server/ws", "hello.v1");
  const conversation = await hub.asked;
  const heard: unknown[] = [];
  socket.onmessage = ({ data }) => heard.push(data);
  socket.binaryType = "arraybuffer";
  const farewell = next(conversation);
  vi.advanceTimersByTime(3_000);
  expect(alone).toHaveLength(1);
  expect(alone[0]?.binaryType).toBe("arraybuffer");
  expect(await farewell).toEqual({ code: 1000, reason: "" });
  // From here on it is the WebSocket.
  alone[0]?.onmessage?.({ data: "hello" });
  socket.send("a question");
  socket.close(1000);
  expect(heard).toEqual(["hello"]);
  expect(alone[0]).toMatchObject({ sent: ["a question"], closedWith: 1000 });
  sockets.open("ws://server/ws", "hello.v1");
  expect(alone).toHaveLength(2);
});

test("when it is known that there is no hub, nobody waits", () => {
  const sockets = new SharedSockets(fakeHub().port, openAlone);
  sockets.open("ws://server/ws", "hello.v1");
  sockets.lose();
  expect(alone).toHaveLength(1);
});

test("a hub that has answered once is waited for as long as the server is", async () => {
  const hub = fakeHub();
  const sockets = new SharedSockets(hub.port, openAlone);
  const socket = sockets.open("ws://server/ws", "hello.v1");
  const conversation = await hub.asked;
  conversation.postMessage({ opened: true });
  const hello = new Promise((resolve) => {
    socket.onmessage = resolve;
  });
  conversation.postMessage("hello");
  await hello;
  sockets.lose();
  vi.advanceTimersByTime(10_000);
  expect(alone).toEqual([]);
});
