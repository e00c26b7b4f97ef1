import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { request } from "node:https";
import { type AddressInfo, connect, createServer } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { issue, makeAuthority } from "./authority.ts";
import { GivenCertificate } from "./given-certificate.ts";
import type { KeyPair } from "./key-pair.ts";
import { scopeOf } from "./scope.ts";
import { TlsDoor } from "./tls-door.ts";

const NAMES = { names: ["localhost"], addresses: ["127.0.0.1"] };

let authority: KeyPair;
let pairs: readonly [KeyPair, KeyPair];
let certificate: GivenCertificate;
let inner: Server;
let door: TlsDoor;
let port: number;
let stop: () => void;

beforeAll(async () => {
  authority = await makeAuthority("test", scopeOf(NAMES));
  pairs = [await issue(authority, NAMES), await issue(authority, NAMES)];
});
beforeEach(async () => {
  certificate = new GivenCertificate();
  certificate.give(pairs[0]);
  inner = createHttpServer((_, response) => response.end("inside"));
  door = new TlsDoor(certificate, {
    secured: (socket) => inner.emit("connection", socket),
    plain: ({ url }, response) => response.end(`plain ${url}`),
  });
  const outer = createServer({ pauseOnConnect: true }, (socket) => door.take(socket)).listen(0, "127.0.0.1");
  await once(outer, "listening");
  port = (outer.address() as AddressInfo).port;
  stop = () => {
    door.close();
    inner.closeAllConnections();
    outer.close();
  };
});
afterEach(() => stop());

const secure = async (): Promise<TLSSocket> => {
  const socket = connectTls({ port, host: "127.0.0.1", ca: authority.cert, servername: "localhost" });
  await once(socket, "secureConnect");
  return socket;
};
const get = async (socket: TLSSocket): Promise<string> => {
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  let text = "";
  while (!text.includes("inside")) text += String((await once(socket, "data"))[0]);
  return text;
};

test("one port answers https inside and http at the door", async () => {
  const [response] = (await once(
    request({ port, host: "127.0.0.1", ca: authority.cert, servername: "localhost", agent: false }).end(),
    "response",
  )) as [AsyncIterable<Buffer>];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  expect(text).toBe("inside");
  expect(await (await fetch(`http://127.0.0.1:${port}/x?y`)).text()).toBe("plain /x?y");
  await eventually(() => expect(door.entering).toBe(0));
});

test("what comes in single bytes is understood", async () => {
  const socket = connect(port, "127.0.0.1").setNoDelay(true);
  for (const byte of "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") {
    socket.write(byte);
    await new Promise(setImmediate);
  }
  expect(String((await once(socket, "data"))[0])).toContain("plain /slow");
  socket.destroy();
});

test("another certificate is for new connections; open ones go on with theirs", async () => {
  const old = await secure();
  certificate.give(pairs[1]);
  const young = await secure();
  const serial = (socket: TLSSocket): string => socket.getPeerCertificate().serialNumber;
  expect(serial(young)).not.toBe(serial(old));
  expect(await get(old)).toContain("200 OK");
  expect(await get(young)).toContain("200 OK");
  old.destroy();
  young.destroy();
});

test("a client that knows only what is broken since long is turned away, and the others notice nothing", async () => {
  const socket = connectTls({
    port,
    host: "127.0.0.1",
    ca: authority.cert,
    maxVersion: "TLSv1.1",
    minVersion: "TLSv1",
  });
  await once(socket, "error");
  const garbage = connect(port, "127.0.0.1");
  garbage.on("error", () => {});
  garbage.write(Buffer.from([0x16, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7]));
  await once(garbage, "close");
  const good = await secure();
  expect(await get(good)).toContain("200 OK");
  good.destroy();
  await eventually(() => expect(door.entering).toBe(0));
});

test("closing it closes what has not entered", async () => {
  const silent = connect(port, "127.0.0.1");
  silent.on("error", () => {});
  await eventually(() => expect(door.entering).toBe(1));
  const closed = once(silent, "close");
  silent.resume();
  door.close();
  await closed;
});

test("who opens many connections and says nothing keeps nobody out: the oldest ends", async () => {
  const narrow = new TlsDoor(certificate, { secured: () => {}, plain: () => {} }, 2);
  const outer = createServer({ pauseOnConnect: true }, (socket) => narrow.take(socket)).listen(
    0,
    "127.0.0.1",
  );
  await once(outer, "listening");
  const silent = Array.from({ length: 3 }, () => connect((outer.address() as AddressInfo).port, "127.0.0.1"));
  for (const socket of silent) socket.on("error", () => {}).resume();
  await eventually(() => expect(silent.filter(({ closed }) => closed)).toHaveLength(1));
  expect(narrow.entering).toBe(2);
  narrow.close();
  outer.close();
});
