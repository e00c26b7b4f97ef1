import { Duplex } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Limits } from "../protocol/index.ts";
import { ViewerSocket } from "./web-socket.ts";

/** The server's end of a TCP connection, whose other end the test plays. */
class Tcp extends Duplex {
  readonly written: Buffer[] = [];
  override _read(): void {}
  override _write(bytes: Buffer, _: BufferEncoding, done: () => void): void {
    this.written.push(bytes);
    done();
  }
  /** Code of the close message that was sent, if there was one. */
  get closeCode(): number | undefined {
    const close = this.written.find((bytes) => bytes[0] === 0x88);
    return close?.readUInt16BE(2);
  }
}

/** A viewer's frame; a mask of zeros changes nothing. */
const frame = (first: number, payload = ""): Buffer =>
  Buffer.concat([Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0]), Buffer.from(payload)]);

const times = (count: number, bytes: Buffer): Buffer => Buffer.concat(Array(count).fill(bytes));

const TEXT = 0x81;
const TEXT_BEGINS = 0x01;
const TEXT_GOES_ON = 0x00;
const BINARY = 0x82;
const PING = 0x89;
const PONG = 0x8a;

let tcp: Tcp;
let socket: ViewerSocket;
const heard = { text: vi.fn(), binary: vi.fn(), drained: vi.fn(), closed: vi.fn() };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  vi.resetAllMocks();
  tcp = new Tcp();
  socket = new ViewerSocket(tcp, "", () => {});
  socket.listen(heard);
});
afterEach(async () => {
  socket.terminate();
  await turn();
  vi.useRealTimers();
});

const say = async (bytes: Buffer): Promise<void> => {
  tcp.push(bytes);
  await turn();
};

describe("what a viewer may send", () => {
  test.each<[string, Buffer]>([
    ["texts", times(Limits.MESSAGE_BURST, frame(TEXT, "x"))],
    ["acknowledgements", times(Limits.MESSAGE_BURST, frame(BINARY, "x"))],
    ["pings", times(Limits.MESSAGE_BURST, frame(PING))],
    ["pongs that nobody asked for", times(Limits.MESSAGE_BURST, frame(PONG))],
    [
      "fragments of nothing",
      Buffer.concat([frame(TEXT_BEGINS), times(Limits.MESSAGE_BURST - 1, frame(TEXT_GOES_ON))]),
    ],
    [
      "all of these",
      times(
        Limits.MESSAGE_BURST / 4,
        Buffer.concat([frame(TEXT), frame(PING), frame(TEXT_BEGINS), frame(0x80)]),
      ),
    ],
  ])("is the same number of %s, and one more is a flood", async (_, allowed) => {
    await say(allowed);
    expect(tcp.closeCode).toBeUndefined();
    await say(frame(PONG));
    expect(tcp.closeCode).toBe(4429);
  });

  test("grows with each frame that it is sent, and with time", async () => {
    await say(times(Limits.MESSAGE_BURST, frame(PONG)));
    socket.write(Buffer.of(0x82, 0));
    await say(times(Limits.MESSAGES_PER_FRAME, frame(BINARY)));
    vi.advanceTimersByTime(1000);
    await say(times(Limits.MESSAGES_PER_SECOND, frame(BINARY)));
    expect(tcp.closeCode).toBeUndefined();
    await say(frame(BINARY));
    expect(tcp.closeCode).toBe(4429);
  });

  test("does not grow with what it asks for beside frames", async () => {
    heard.text.mockImplementation(() => socket.tell(Buffer.of(0x81, 0)));
    await say(times(Limits.MESSAGE_BURST + 1, frame(TEXT)));
    expect(heard.text).toHaveBeenCalledTimes(Limits.MESSAGE_BURST);
    expect(tcp.closeCode).toBe(4429);
  });
});

describe("a viewer on a link that is so slow that its pongs come a minute late", () => {
  /** So many pings, 20 s apart. */
  const pinged = (times: number): void => {
    for (let n = 0; n < times; n++) socket.check();
  };

  test.each<[string, Buffer]>([
    ["acknowledgements", frame(BINARY, "x")],
    ["texts", frame(TEXT, "x")],
    ["pings of its own", frame(PING)],
    ["pongs", frame(PONG)],
    ["the beginning of a message", frame(TEXT_BEGINS).subarray(0, 1)],
  ])("is there as long as it sends %s", async (_, sign) => {
    pinged(3);
    await say(sign);
    pinged(3);
    expect(tcp.closeCode).toBeUndefined();
    pinged(1);
    expect(tcp.closeCode).toBe(4408);
    expect(tcp.destroyed).toBe(true);
  });
});

test("a ping is answered that comes while a short answer is about to leave", async () => {
  let leave = (): void => {};
  tcp._write = (bytes, _, done) => {
    tcp.written.push(bytes);
    leave = done;
  };
  heard.text.mockImplementation(() => socket.tell(Buffer.alloc(100)));
  await say(Buffer.concat([frame(TEXT, "x"), frame(PING, "1")]));
  leave();
  await turn();
  expect(tcp.written.at(-1)?.toString("latin1")).toBe("\x8a\x011");
});

describe("a viewer that speaks and reads nothing", () => {
  /** The kernel takes the oldest of what waits. */
  let leave: () => void;

  beforeEach(() => {
    tcp._write = (bytes, _, done) => {
      tcp.written.push(bytes);
      leave = done;
    };
    socket.write(Buffer.alloc(2 * Limits.MAX_UNSENT_BYTES));
  });

  test("is sent nothing more, however long: no ping either", async () => {
    for (let n = 0; n < 1000; n++) {
      vi.advanceTimersByTime(20_000);
      socket.check();
      await say(frame(BINARY, "x"));
    }
    expect(tcp.writableLength).toBe(2 * Limits.MAX_UNSENT_BYTES);
    expect(socket.ready).toBe(false);
  });

  test("has the last of its pings answered, with the next frame or when all has left", async () => {
    const pings = (first: number): Buffer =>
      Buffer.concat(Array.from({ length: 10 }, (_, n) => frame(PING, String(first + n))));
    await say(pings(10));
    expect(tcp.writableLength).toBe(2 * Limits.MAX_UNSENT_BYTES);
    socket.write(Buffer.of(BINARY, 0));
    await say(pings(20));
    for (let n = 0; n < 4; n++) {
      leave();
      await turn();
    }
    await say(frame(PING, "30"));
    expect(tcp.written.slice(2).map((bytes) => bytes.toString("latin1"))).toEqual([
      "\x8a\x0219",
      "\x82\x00",
      "\x8a\x0229",
      "\x8a\x0230",
    ]);
  });

  test("is closed when the answers to its questions pile up", async () => {
    heard.text.mockImplementation(() => socket.tell(Buffer.alloc(1000)));
    for (let n = 0; n <= Limits.MAX_BACKLOG_BYTES / 1000 + 1; n++) {
      expect(tcp.destroyed).toBe(false);
      vi.advanceTimersByTime(1000);
      await say(frame(TEXT));
    }
    await turn();
    expect(tcp.destroyed).toBe(true);
  });
});

describe.each<[string, number, () => Promise<void>]>([
  ["broke a rule", 1002, () => say(frame(0x83))],
  ["floods", 4429, () => say(times(Limits.MESSAGE_BURST + 1, frame(PONG)))],
  ["closed by itself", 1000, () => say(Buffer.from("88820000000003e8", "hex"))],
  ["is sent away", 1001, async () => socket.close()],
])("a viewer that %s", (_, code, end) => {
  test("has some time to read why, and then is cut", async () => {
    await end();
    expect(tcp.closeCode).toBe(code);
    vi.advanceTimersByTime(1999);
    expect(tcp.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    expect(tcp.destroyed).toBe(true);
    await turn();
    expect(heard.closed).toHaveBeenCalledOnce();
  });

  test("is not read on: only what was on its way", async () => {
    await end();
    await say(Buffer.alloc(Limits.MAX_LATE_BYTES));
    expect(tcp.isPaused()).toBe(false);
    await say(Buffer.alloc(1));
    expect(tcp.isPaused()).toBe(true);
    expect(heard.text).not.toHaveBeenCalled();
  });

  test("that ends the connection needs no cutting", async () => {
    await end();
    tcp.push(null);
    await turn();
    expect(tcp.destroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
