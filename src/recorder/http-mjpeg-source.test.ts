import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Capture } from "./frame-source.ts";
import { SourceError } from "./frame-source.ts";
import { HttpMjpegSource } from "./http-mjpeg-source.ts";
import { TestSource } from "./test-source.ts";

const never = new AbortController().signal;
let server: Server | undefined;
let pictures: Buffer[];

beforeAll(async () => {
  const stopping = new AbortController();
  const options = { size: { width: 64, height: 48 }, rate: 200 };
  await using capture = await new TestSource("test:", options).open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  pictures = [];
  for await (const { payload } of capture.frames(stopping.signal)) {
    pictures.push(Buffer.from(payload));
    if (pictures.length === 4) stopping.abort();
  }
});

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(started.address() as AddressInfo).port}`;
}

const MULTIPART = { "content-type": "multipart/x-mixed-replace; boundary=frame" };

function part(picture: Buffer, sized = true): Buffer {
  const length = sized ? `Content-Length: ${picture.byteLength}\r\n` : "";
  return Buffer.concat([
    Buffer.from(`--frame\r\nContent-Type: image/jpeg\r\n${length}\r\n`),
    picture,
    Buffer.from("\r\n"),
  ]);
}

async function collect(capture: Capture, count = Number.POSITIVE_INFINITY): Promise<Buffer[]> {
  const got: Buffer[] = [];
  for await (const { payload } of capture.frames(never)) {
    got.push(Buffer.from(payload));
    if (got.length === count) break;
  }
  return got;
}

function open(url: string, timeouts = { answerMs: 2000, stallMs: 2000 }): Promise<Capture> {
  return new HttpMjpegSource(url, {}, timeouts).open(never);
}

describe("a stream of JPEGs", () => {
  // Each part is sent when the one before it has come, so that none replaces another.
  test.each([true, false])("is taken byte for byte (length announced: %s)", async (sized) => {
    let send: (() => void) | undefined;
    const host = await serve((_request, response) => {
      response.writeHead(200, MULTIPART);
      let index = 0;
      send = () => response.write(part(pictures[index++]!, sized));
      send();
    });
    await using capture = await open(`http://${host}/`);
    capture.want(new Set(["jpeg"]));
    const got: Buffer[] = [];
    for await (const { payload } of capture.frames(never)) {
      got.push(Buffer.from(payload));
      if (got.length === pictures.length) break;
      send?.();
    }
    expect(got).toEqual(pictures);
    expect(capture.tracks).toMatchObject([
      { name: "jpeg", width: 64, height: 48 },
      { name: "h264", width: 64, height: 48 },
    ]);
  });

  test("keeps the newest only while nobody takes", async () => {
    const host = await serve((_request, response) => {
      response.writeHead(200, MULTIPART);
      response.end(Buffer.concat(pictures.map((picture) => part(picture))));
    });
    await using capture = await open(`http://${host}/`);
    capture.want(new Set(["jpeg"]));
    const got: Buffer[] = [];
    const reading = (async () => {
      for await (const { payload } of capture.frames(never)) got.push(Buffer.from(payload));
    })();
    await expect(reading).rejects.toThrow("has ended");
    expect(got.at(-1)).toEqual(pictures.at(-1));
    expect(got.length + capture.counters.overwritten).toBe(pictures.length);
  });

  test("leaves out damaged pictures", async () => {
    const host = await serve((_request, response) => {
      response.writeHead(200, MULTIPART);
      response.write(part(pictures[0]!.subarray(0, 100)));
      response.write(part(pictures[1]!));
    });
    await using capture = await open(`http://${host}/`);
    capture.want(new Set(["jpeg"]));
    expect(await collect(capture, 1)).toEqual([pictures[1]]);
    expect(capture.counters.broken).toBe(1);
  });
});

describe("a camera that misbehaves ends with one sentence", () => {
  test.each<[string, (response: ServerResponse) => void, string]>([
    ["ends", (response) => response.end(part(pictures[0]!)), "has ended"],
    ["says goodbye", (response) => response.end("--frame--"), "has ended"],
    ["falls silent", () => {}, "no frame for 0.2 s"],
    ["sends garbage", (response) => response.write(Buffer.alloc(100_000, "x")), "no boundary in 65536 bytes"],
    [
      "announces too much",
      (response) => response.write("--frame\r\nContent-Length: 99999999\r\n\r\n"),
      "allowed",
    ],
    ["breaks the connection", (response) => setImmediate(() => response.destroy()), "lost http://"],
    [
      "sends what is no JPEG for ever",
      (response) => response.write(part(Buffer.from("hello"))),
      "no frame for 0.2 s",
    ],
  ])("when it %s", async (_what, misbehave, message) => {
    const host = await serve((_request, response) => {
      response.writeHead(200, MULTIPART);
      response.flushHeaders();
      misbehave(response);
    });
    await using capture = await open(`http://${host}/`, { answerMs: 2000, stallMs: 200 });
    capture.want(new Set(["jpeg"]));
    const failing = collect(capture);
    await expect(failing).rejects.toThrow(message);
    await expect(failing).rejects.toBeInstanceOf(SourceError);
  });

  test.each<[string, (response: ServerResponse) => void, string]>([
    ["is not there", (response) => response.writeHead(404).end(), "it answered 404 Not Found"],
    ["is broken", (response) => response.writeHead(500).end(), "it answered 500"],
    ["wants a password", (response) => response.writeHead(401).end(), "user or the password"],
    [
      "leads in circles",
      (response) => response.writeHead(302, { location: "/" }).end(),
      "redirects more than 5 times",
    ],
    [
      "leads elsewhere",
      (response) => response.writeHead(302, { location: "ftp://x/" }).end(),
      "expected http or https",
    ],
    [
      "announces no boundary",
      (response) => response.writeHead(200, { "content-type": "multipart/x-mixed-replace" }).flushHeaders(),
      "no boundary",
    ],
    ["does not answer", () => {}, "it did not answer within 0.2 s"],
    ["hangs up", (response) => response.destroy(), "cannot open http://"],
  ])("when it %s", async (_what, misbehave, message) => {
    const host = await serve((_request, response) => misbehave(response));
    const opening = open(`http://u:geheim@${host}/`, { answerMs: 200, stallMs: 200 });
    await expect(opening).rejects.toThrow(message);
    await expect(opening).rejects.toBeInstanceOf(SourceError);
    await expect(opening).rejects.not.toThrow("geheim");
  });

  test("when nobody listens", async () => {
    const host = await serve(() => {});
    server?.close();
    await expect(open(`http://${host}/`)).rejects.toThrow(`cannot open http://${host}/: connection refused`);
  });
});

describe("logging in", () => {
  test("with a user and a password, also behind a redirect", async () => {
    const seen: (string | undefined)[] = [];
    const host = await serve((request, response) => {
      if (request.url === "/") return response.writeHead(302, { location: "/video" }).end();
      seen.push(request.headers.authorization);
      if (request.headers.authorization === undefined) {
        return response.writeHead(401, { "www-authenticate": 'Basic realm="camera"' }).end();
      }
      response.writeHead(200, MULTIPART);
      return response.write(part(pictures[0]!));
    });
    await using capture = await open(`http://me:p%40ss@${host}/`);
    capture.want(new Set(["jpeg"]));
    expect(await collect(capture, 1)).toEqual([pictures[0]]);
    expect(seen).toEqual([undefined, `Basic ${Buffer.from("me:p@ss").toString("base64")}`]);
  });

  test("with a digest", async () => {
    const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
    const host = await serve((request, response) => {
      const field = (name: string): string =>
        new RegExp(`${name}="?([^",]+)`).exec(request.headers.authorization ?? "")?.[1] ?? "";
      const secret = md5("me:cam:geheim");
      const right = md5(`${secret}:abc:${field("nc")}:${field("cnonce")}:auth:${md5("GET:/v?x=1")}`);
      if (field("response") !== right) {
        const challenge = 'Digest realm="cam", nonce="abc", qop="auth,auth-int", algorithm=MD5';
        return response.writeHead(401, { "www-authenticate": challenge }).end();
      }
      response.writeHead(200, MULTIPART);
      return response.write(part(pictures[0]!));
    });
    await using capture = await open(`http://me:geheim@${host}/v?x=1`);
    capture.want(new Set(["jpeg"]));
    expect(await collect(capture, 1)).toHaveLength(1);
    await expect(open(`http://me:wrong@${host}/v?x=1`)).rejects.toThrow("it answered 401");
  });

  test("never at another host", async () => {
    let asked: string | undefined = "nothing";
    const other = createServer((request, response) => {
      asked = request.headers.authorization;
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;
    const host = await serve((_request, response) =>
      response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    await expect(open(`http://me:geheim@${host}/`)).rejects.toThrow("it answered 401");
    other.close();
    expect(asked).toBeUndefined();
  });
});

test("aborting ends the frames and the connection", async () => {
  let closed: (() => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const host = await serve((_request, response) => {
    response.once("close", () => closed?.());
    response.writeHead(200, MULTIPART);
    response.write(part(pictures[0]!));
  });
  const stopping = new AbortController();
  const capture = await new HttpMjpegSource(`http://${host}/`, {}).open(stopping.signal);
  capture.want(new Set(["jpeg"]));
  for await (const _frame of capture.frames(stopping.signal)) stopping.abort();
  await capture[Symbol.asyncDispose]();
  await gone;
});

test("what is no stream of parts is left to FFmpeg", async () => {
  const host = await serve((_request, response) => {
    response.writeHead(200, { "content-type": "video/x-motion-jpeg" });
    for (let round = 0; round < 20; round++) for (const picture of pictures) response.write(picture);
    response.end();
  });
  await using capture = await open(`http://${host}/clip.mjpeg`);
  capture.want(new Set(["jpeg"]));
  expect(pictures).toContainEqual((await collect(capture, 1))[0]);
});
