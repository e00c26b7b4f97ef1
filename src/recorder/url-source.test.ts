import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeAll, expect, test } from "vitest";
import { type Capture, SourceError } from "./frame-source.ts";
import * as Jpeg from "./jpeg.ts";
import type { SourceOptions } from "./source.ts";
import { StalledError } from "./stalled-error.ts";
import { TestSource } from "./test-source.ts";
import { UrlSource } from "./url-source.ts";

const never = new AbortController().signal;
const LONG = { openMs: 10_000, stallMs: 10_000 };

let server: Server | undefined;
const sockets = new Set<Socket>();
let pictures: Buffer[];

beforeAll(async () => {
  const stopping = new AbortController();
  const options = { size: { width: 64, height: 48 }, rate: 240 };
  await using capture = await new TestSource("test:", options).open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  pictures = [];
  for await (const { payload } of capture.frames(stopping.signal)) {
    pictures.push(Buffer.from(payload));
    if (pictures.length === 30) stopping.abort();
  }
});

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
  server = undefined;
});

/** The URL of a stream whose sender does `answer` with everybody who comes. */
async function serve(answer: (socket: Socket) => void): Promise<string> {
  const started = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    answer(socket);
  });
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `tcp://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

// More than the 5 MB that FFmpeg may want to see before it says what a stream is.
const all = (socket: Socket): void => {
  const round = Buffer.concat(pictures);
  for (let sent = 0; sent < 6_000_000; sent += round.byteLength) socket.write(round);
};

async function last(capture: Capture): Promise<Buffer | undefined> {
  let newest: Buffer | undefined;
  for await (const { payload } of capture.frames(never)) newest = Buffer.from(payload);
  return newest;
}

function open(url: string, options: SourceOptions = {}, timeouts = LONG): Promise<Capture> {
  return new UrlSource(url, options, timeouts).open(never);
}

test("a stream of JPEGs is taken byte for byte, the newest of what waits", async () => {
  const url = await serve((socket) => {
    all(socket);
    socket.end();
  });
  await using capture = await open(url);
  capture.want(new Set(["jpeg"]));
  const stopping = new AbortController();
  const got: Buffer[] = [];
  for await (const { payload } of capture.frames(stopping.signal)) {
    got.push(Buffer.from(payload));
    stopping.abort();
  }
  expect(pictures).toContainEqual(got[0]);
  expect(capture.tracks).toMatchObject([
    { name: "jpeg", codec: "jpeg", width: 64, height: 48 },
    { name: "h264", width: 64, height: 48 },
  ]);
});

test("a stream is decoded and encoded where another size is wanted", async () => {
  const url = await serve((socket) => {
    all(socket);
    socket.end();
  });
  await using capture = await open(url, { size: { width: 32, height: 24 } });
  capture.want(new Set(["jpeg"]));
  const stopping = new AbortController();
  for await (const { payload } of capture.frames(stopping.signal)) {
    expect(Jpeg.size(payload)).toEqual({ width: 32, height: 24 });
    stopping.abort();
  }
  expect(capture.tracks).toMatchObject([
    { name: "jpeg", width: 32, height: 24 },
    { name: "h264", width: 32, height: 24 },
  ]);
});

test("the end of a stream is an error", async () => {
  const url = await serve((socket) => {
    all(socket);
    socket.end();
  });
  await using capture = await open(url);
  capture.want(new Set(["jpeg"]));
  await expect(last(capture)).rejects.toThrow(new SourceError(`${url} has ended`));
});

test("a stream that falls silent is an error", async () => {
  const url = await serve(all);
  await using capture = await open(url, {}, { openMs: 10_000, stallMs: 300 });
  capture.want(new Set(["jpeg"]));
  const failing = last(capture);
  await expect(failing).rejects.toThrow("no frame for 0.3 s");
  await expect(failing).rejects.toBeInstanceOf(StalledError);
});

test("a stream that is left while it is silent ends at once", async () => {
  const url = await serve(all);
  await using capture = await open(url);
  capture.want(new Set(["jpeg"]));
  const stopping = new AbortController();
  for await (const _frame of capture.frames(stopping.signal)) setImmediate(() => stopping.abort());
});

test.each<[string, (socket: Socket) => void, string]>([
  ["says nothing", () => {}, "it did not answer within 0.3 s"],
  ["sends garbage", (socket) => socket.end(Buffer.alloc(100_000, "garbage")), "cannot open tcp://"],
  ["hangs up", (socket) => socket.destroy(), "cannot open tcp://"],
])("a stream that %s cannot be opened", async (_what, answer, message) => {
  const url = await serve(answer);
  const opening = open(url, {}, { openMs: 300, stallMs: 300 });
  await expect(opening).rejects.toThrow(message);
  await expect(opening).rejects.toBeInstanceOf(SourceError);
});

test("opening ends when it is aborted", async () => {
  const stopping = new AbortController();
  const url = await serve(() => stopping.abort());
  await expect(new UrlSource(url, {}, LONG).open(stopping.signal)).rejects.toBeInstanceOf(SourceError);
});

test("nobody there is an error", async () => {
  const url = await serve(() => {});
  server?.close();
  await expect(open(url)).rejects.toThrow(`cannot open ${url}: connection refused`);
});
