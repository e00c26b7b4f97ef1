import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { TestServer } from "../support/test-server.ts";
import { TestViewer } from "../support/test-viewer.ts";

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

const HANDSHAKE =
  "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hello.v1\r\n\r\n";

describe("a viewer that does nothing but send", () => {
  /** A masked frame, as latin1; a mask of zeros changes nothing. */
  const frame = (first: number, payload = ""): string =>
    String.fromCharCode(first, 0x80 | payload.length, 0, 0, 0, 0) + payload;

  test.each([
    ["pings", 4429, "", frame(0x89)],
    ["pongs", 4429, "", frame(0x8a)],
    ["greetings", 4429, "", frame(0x81, '{"type":"hello","version":1}')],
    ["questions", 4429, "", frame(0x81, '{"type":"time","sent":1}')],
    ["fragments of nothing", 4429, frame(0x01, "{"), frame(0x00)],
    ["what is no WebSocket at all", 1002, "", "GET / HTTP/1.1\r\n\r\n"],
  ])("is told so, then not read and cut: %s", async (_, code, first, again) => {
    const server = await TestServer.start();
    ends.push(() => server.stop());
    const other = await TestViewer.open(`ws://${server.authority}/ws`);
    ends.push(() => other.close());
    other.tell({ type: "watch", camera: "front", track: "jpeg", window: 1 });
    // It does not end when the server does.
    const socket = connect({ port: server.running.port, host: "127.0.0.1", allowHalfOpen: true });
    ends.push(() => socket.destroy());
    let heard = "";
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      heard += chunk.toString("latin1");
    });
    socket.write(HANDSHAKE + first, "latin1");
    const block = Buffer.from(again.repeat(Math.ceil(1_000_000 / again.length)), "latin1");
    // What the kernels hold of one connection is far less than this.
    const muchBytes = 100_000_000;
    const takenBytes = (): number => socket.bytesWritten - socket.writableLength;
    const more = (): void => {
      if (takenBytes() < muchBytes && socket.write(block)) setImmediate(more);
    };
    socket.on("drain", more);
    more();
    await eventually(() => expect(socket.destroyed || takenBytes() >= muchBytes).toBe(true));
    expect(takenBytes()).toBeLessThan(muchBytes);
    expect(Buffer.from(heard, "latin1").readUInt16BE(heard.indexOf("\x88") + 2)).toBe(code);
    server.publish();
    await eventually(() => expect(other.frames).toHaveLength(1));
  });
});
