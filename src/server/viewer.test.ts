import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { eventually } from "../../test/support/eventually.ts";
import { picture, TestServer } from "../../test/support/test-server.ts";
import { TestViewer } from "../../test/support/test-viewer.ts";
import { Control, Limits } from "../protocol/index.ts";

let server: TestServer;
const viewers: TestViewer[] = [];

beforeEach(async () => {
  server = await TestServer.start();
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  await server.stop();
});

async function full(): Promise<TestViewer> {
  const viewer = await TestViewer.open(`ws://${server.authority}/ws`);
  viewers.push(viewer);
  return viewer;
}

async function watching(window = 1): Promise<TestViewer> {
  const viewer = await full();
  viewer.tell({ type: "watch", camera: "front", track: "jpeg", window });
  await eventually(() => expect(viewer.messages.at(-1)?.type).toBe("watching"));
  return viewer;
}

describe("a viewer of the full protocol", () => {
  test("is greeted, and learns the camera and its number before the first frame", async () => {
    const viewer = await watching();
    expect(viewer.messages.map(({ type }) => type)).toEqual(["hello", "camera", "watching"]);
    expect(viewer.messages[1]).toMatchObject({ camera: { id: "front", state: "live", name: "Front door" } });
    server.publish();
    await eventually(() => expect(viewer.frames).toHaveLength(1));
    const announced = viewer.messages[2] as Control.Watching;
    expect(viewer.frames[0]).toMatchObject({ track: announced.number, sequence: 1, keyframe: true });
    expect(viewer.frames[0]?.payload).toEqual(picture(1));
  });

  test("gets the newest frame when it has painted, and never the ones between", async () => {
    const viewer = await watching(1);
    server.publish();
    await eventually(() => expect(viewer.sequences).toEqual([1]));
    for (let n = 0; n < 9; n++) server.publish();
    viewer.acknowledge(1, 1);
    await eventually(() => expect(viewer.sequences).toEqual([1, 10]));
  });

  test("gets as many as its window holds, and none with a window of 0", async () => {
    const viewer = await watching(3);
    for (let n = 0; n < 5; n++) server.publish();
    await eventually(() => expect(viewer.sequences).toEqual([1, 2, 3]));
    viewer.acknowledge(3, 0);
    viewer.tell({ type: "time", sent: 1 });
    await eventually(() => expect(viewer.messages.at(-1)?.type).toBe("time"));
    server.publish();
    viewer.tell({ type: "watch", camera: "front", track: "jpeg", window: 1 });
    await eventually(() => expect(viewer.sequences).toEqual([1, 2, 3, 6]));
  });

  test("is told the time, its own repeated", async () => {
    const viewer = await full();
    const before = Date.now() * 1000;
    viewer.tell({ type: "time", sent: 12.25 });
    await eventually(() => expect(viewer.messages.at(-1)).toMatchObject({ type: "time", sent: 12.25 }));
    const { at } = viewer.messages.at(-1) as Control.Time;
    expect(Math.abs((at ?? 0) - before)).toBeLessThan(60_000_000);
  });

  test("keeps the directory up to date when it listed", async () => {
    const viewer = await full();
    viewer.tell({ type: "list" });
    await eventually(() =>
      expect(viewer.messages.at(-1)).toMatchObject({ type: "cameras", cameras: [{ id: "front" }] }),
    );
    server.update({ state: "gone", reason: "it was pulled out" });
    await eventually(() =>
      expect(viewer.messages.at(-1)).toMatchObject({
        type: "camera",
        camera: { state: "gone", reason: "it was pulled out" },
      }),
    );
  });

  test("of a camera that is not known waits for it, and says so", async () => {
    const viewer = await full();
    viewer.tell({ type: "watch", camera: "later", track: "jpeg", window: 1 });
    await eventually(() => expect(viewer.messages.at(-1)).toEqual({ type: "removed", camera: "later" }));
    expect(viewer.closed).toBeUndefined();
  });

  test("is given another number when the recorder restarts, and its frames from the start", async () => {
    const viewer = await watching(8);
    for (let n = 0; n < 5; n++) server.publish();
    await eventually(() => expect(viewer.sequences).toHaveLength(5));
    server.restartRecorder();
    await eventually(() => expect(viewer.messages.filter(({ type }) => type === "watching")).toHaveLength(2));
    server.publish();
    await eventually(() => expect(viewer.sequences.at(-1)).toBe(1));
    expect(viewer.frames.at(-1)?.track).not.toBe(viewer.frames[0]?.track);
  });

  test("makes demand while it watches, and none after it has left", async () => {
    const viewer = await watching();
    expect(server.demands.at(-1)).toEqual(["jpeg"]);
    viewer.tell({ type: "unwatch", camera: "front", track: "jpeg" });
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
    viewer.tell({ type: "watch", camera: "front", track: "jpeg", window: 1 });
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    viewer.close();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test.each([
    ["no JSON", "hello?", 4400],
    ["a type that does not exist", '{"type":"dance"}', 4400],
    ["a message that only a server sends", '{"type":"removed","camera":"front"}', 1003],
    ["text over the limit", `{"type":"list","x":"${"x".repeat(Limits.MAX_VIEWER_MESSAGE_BYTES)}"}`, 1009],
    ["a broken acknowledgement", Buffer.from([2, 1, 0]), 4400],
    ["an acknowledgement with a wide window", Buffer.from([2, 200, 0, 1, 0, 0, 0, 1]), 4400],
  ])("that sends %s is closed with its code; the others notice nothing", async (_, bytes, code) => {
    const other = await watching();
    const viewer = await full();
    viewer.socket.send(bytes);
    await eventually(() => expect(viewer.closed?.code).toBe(code));
    server.publish();
    await eventually(() => expect(other.frames).toHaveLength(1));
  });

  test.each<[string, (viewer: TestViewer) => void]>([
    ["questions", (viewer) => viewer.tell({ type: "time", sent: 1 })],
    ["greetings", (viewer) => viewer.tell({ type: "hello", version: Control.PROTOCOL_VERSION })],
    ["pings", ({ socket }) => socket.ping()],
    ["pongs", ({ socket }) => socket.pong()],
    ["fragments of nothing", ({ socket }) => socket.send("", { fin: false })],
    ["acknowledgements", ({ socket }) => socket.send(Buffer.from("0201000100000001", "hex"))],
  ])("that floods with %s is closed; the others notice nothing", async (_, say) => {
    const other = await watching();
    const viewer = await full();
    for (let n = 0; n < Limits.MESSAGE_BURST + 100; n++) say(viewer);
    await eventually(() => expect(viewer.closed?.code).toBe(4429));
    server.publish();
    await eventually(() => expect(other.frames).toHaveLength(1));
  });

  test("that is a hub speaks for its own viewers: it may say more, but not without end", async () => {
    const [hub, flooder] = [await full(), await full()];
    const greet = (viewer: TestViewer): void => viewer.tell({ type: "hello", version: 1, hub: "other" });
    greet(hub);
    for (let n = 0; n < Limits.MESSAGE_BURST * 1.5; n++) hub.tell({ type: "time", sent: n });
    await eventually(() => expect(hub.texts.at(-1)).toContain(`"sent":${Limits.MESSAGE_BURST * 1.5 - 1}`));
    // Not by saying again that it is one, either.
    const most = Limits.MAX_WATCHES * Limits.HUB_MESSAGES_PER_WATCH;
    for (let n = 0; n < most * 8; n++) {
      if (n % (most / 2) === 0) greet(flooder);
      flooder.tell({ type: "keyframe", camera: "front", track: "jpeg" });
    }
    await eventually(() => expect(flooder.closed?.code).toBe(4429));
    expect(hub.closed).toBeUndefined();
  });

  test("may acknowledge every frame at any rate: that is no flood", async () => {
    const viewer = await watching(1);
    const frames = Limits.MESSAGE_BURST * 2;
    viewer.socket.on("message", () => {
      viewer.acknowledge(viewer.binaries.length, 1);
      if (viewer.binaries.length < frames) server.publish();
    });
    server.publish();
    await eventually(() => expect(viewer.binaries.length).toBe(frames));
    expect(viewer.closed).toBeUndefined();
  });

  test("gains nothing by fetching the same frame again and again", async () => {
    const viewer = await full();
    server.publish();
    for (let n = 0; n < Limits.MESSAGE_BURST; n++) {
      viewer.tell({ type: "watch", camera: "front", track: "jpeg", window: 1 });
      viewer.tell({ type: "unwatch", camera: "front", track: "jpeg" });
    }
    await eventually(() => expect(viewer.closed?.code).toBe(4429));
  });

  test("that watches too much is closed", async () => {
    const viewer = await full();
    for (let n = 0; n <= Limits.MAX_WATCHES; n++)
      viewer.tell({ type: "watch", camera: `c${n}`, track: "jpeg", window: 1 });
    await eventually(() => expect(viewer.closed?.code).toBe(4413));
  });

  test("that never reads holds up nobody and is not written to without end", async () => {
    const stalled = await watching(Limits.MAX_WINDOW_FRAMES);
    const healthy = await watching(Limits.MAX_WINDOW_FRAMES);
    stalled.pause();
    for (let n = 1; n <= 60; n++) {
      server.publish(1_000_000);
      await eventually(() => expect(healthy.binaries.length).toBe(n));
      healthy.acknowledge(n, Limits.MAX_WINDOW_FRAMES);
    }
    expect(stalled.binaries.length).toBeLessThan(3);
  });

  test("is told when the server stops", async () => {
    const viewer = await full();
    await server.stop();
    await eventually(() => expect(viewer.closed).toEqual({ code: 1001, reason: "the server stops" }));
  });
});

describe("the WebSocket of a viewer", () => {
  /** What a client of `ws` never sends. */
  const raw = (viewer: TestViewer, hex: string): void => {
    const { _socket: tcp } = viewer.socket as unknown as { _socket: import("node:net").Socket };
    tcp.write(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  };

  test("answers a ping with its own bytes", async () => {
    const viewer = await full();
    const pongs: string[] = [];
    viewer.socket.on("pong", (bytes: Buffer) => pongs.push(bytes.toString()));
    viewer.socket.ping("still there?");
    await eventually(() => expect(pongs).toEqual(["still there?"]));
  });

  test("takes a message in fragments, with a ping between", async () => {
    const viewer = await full();
    viewer.socket.send('{"type":"time",', { fin: false });
    viewer.socket.ping();
    viewer.socket.send('"sent":7}', { fin: true });
    await eventually(() => expect(viewer.messages.at(-1)).toMatchObject({ type: "time", sent: 7 }));
  });

  test("takes what comes in one piece with the handshake", async () => {
    const client = connect(server.running.port, "127.0.0.1");
    let got = "";
    client.setEncoding("latin1").on("data", (text: string) => {
      got += text;
    });
    const text = '{"type":"time","sent":41}';
    client.write(
      "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hello.v1\r\n\r\n" +
        `\x81${String.fromCharCode(0x80 | text.length)}\0\0\0\0${text}`,
      "latin1",
    );
    await eventually(() => expect(got).toContain('"sent":41'));
    client.destroy();
  });

  test.each([
    ["a message without a mask", "81 00", 1002],
    ["text that is not UTF-8", "81 81 00000000 ff", 1007],
    ["a length over the limit, before the rest comes", "82 ff 0000000001000000 00000000", 1009],
  ])("is closed for %s; the others notice nothing", async (_, hex, code) => {
    const other = await watching();
    const viewer = await full();
    raw(viewer, hex);
    await eventually(() => expect(viewer.closed?.code).toBe(code));
    server.publish();
    await eventually(() => expect(other.frames).toHaveLength(1));
  });

  test("closes with the viewer's own code", async () => {
    const viewer = await watching();
    viewer.socket.close(4000, "enough");
    await eventually(() => expect(viewer.closed?.code).toBe(4000));
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test("is closed when no ping is answered for a minute, and not before", async () => {
    await server.stop();
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      server = await TestServer.start();
      const silent = new WebSocket(`ws://${server.authority}/ws`, [Control.SUBPROTOCOL], { autoPong: false });
      let [pings, closed] = [0, 0];
      silent
        .on("ping", () => pings++)
        .on("close", (code) => {
          closed = code;
        });
      const alive = await full();
      await eventually(() => expect(silent.readyState).toBe(WebSocket.OPEN));
      for (let n = 1; n <= 3; n++) {
        vi.advanceTimersByTime(20_000);
        await eventually(() => expect(pings).toBe(n));
      }
      // A round trip says that the other's pongs have come.
      alive.tell({ type: "time", sent: 1 });
      await eventually(() => expect(alive.messages.at(-1)?.type).toBe("time"));
      expect(closed).toBe(0);
      vi.advanceTimersByTime(20_000);
      await eventually(() => expect(closed).toBe(4408));
      expect(alive.closed).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("a viewer of the simple protocol", () => {
  const simple = async (query = "?camera=front"): Promise<TestViewer> => {
    const viewer = await TestViewer.open(`ws://${server.authority}/ws${query}`, []);
    viewers.push(viewer);
    return viewer;
  };

  test.each(["?camera=front", ""])(
    "asks with any text and gets one newer JPEG each time (%s)",
    async (query) => {
      const viewer = await simple(query);
      server.publish();
      viewer.socket.send("anything");
      await eventually(() => expect(viewer.binaries).toEqual([picture(1)]));
      server.publish();
      server.publish();
      viewer.socket.send("");
      await eventually(() => expect(viewer.binaries).toEqual([picture(1), picture(3)]));
      viewer.socket.send("next");
      server.publish();
      await eventually(() => expect(viewer.binaries.at(-1)).toEqual(picture(4)));
      expect(viewer.binaries).toHaveLength(3);
    },
  );

  test("is sent nothing that it did not ask for", async () => {
    const viewer = await simple();
    const asking = await simple();
    for (let n = 1; n <= 5; n++) {
      server.publish();
      asking.socket.send("next");
      await eventually(() => expect(asking.binaries).toHaveLength(n));
    }
    expect(viewer.binaries).toHaveLength(0);
  });

  test("waits for a camera that is not there yet, and for one that restarts", async () => {
    const viewer = await simple("?camera=later");
    viewer.socket.send("now");
    const front = await simple();
    front.socket.send("now");
    server.publish();
    await eventually(() => expect(front.binaries).toHaveLength(1));
    server.restartRecorder();
    front.socket.send("now");
    server.publish();
    await eventually(() => expect(front.binaries).toEqual([picture(1), picture(1)]));
    expect(viewer.closed).toBeUndefined();
  });

  test("that sends binary is closed", async () => {
    const viewer = await simple();
    viewer.socket.send(Buffer.from([1]));
    await eventually(() => expect(viewer.closed?.code).toBe(1003));
  });

  test.each<[string, (viewer: TestViewer) => void]>([
    ["pings", ({ socket }) => socket.ping()],
    ["fragments of nothing", ({ socket }) => socket.send("", { fin: false })],
  ])("that floods with %s is closed", async (_, say) => {
    const viewer = await simple();
    for (let n = 0; n < Limits.MESSAGE_BURST + 100; n++) say(viewer);
    await eventually(() => expect(viewer.closed?.code).toBe(4429));
  });

  test("may ask for every frame at any rate: that is no flood", async () => {
    const viewer = await simple();
    const frames = Limits.MESSAGE_BURST * 2;
    viewer.socket.on("message", () => {
      if (viewer.binaries.length < frames) viewer.socket.send("next");
      server.publish();
    });
    viewer.socket.send("first");
    server.publish();
    await eventually(() => expect(viewer.binaries.length).toBe(frames));
    expect(viewer.closed).toBeUndefined();
  });

  test("that asks more often than it may wait for is closed", async () => {
    const viewer = await simple();
    for (let n = 0; n <= Limits.MAX_PENDING_REQUESTS; n++) viewer.socket.send("now");
    await eventually(() => expect(viewer.closed?.code).toBe(4429));
  });
});
