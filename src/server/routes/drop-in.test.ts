import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { picture, TestServer } from "../../../test/support/test-server.ts";

// What is expected here was read off mjpg-streamer , µStreamer 6.62 and go2rtc 1.9.14.

const servers: TestServer[] = [];
const readers: IncomingMessage[] = [];
const start = async (options?: Parameters<typeof TestServer.start>[0]): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.destroy();
  for (const server of servers.splice(0)) await server.stop();
});

/** A reader of a stream, and all that it has read. */
const open = async (
  server: TestServer,
  path: string,
): Promise<{ response: IncomingMessage; text: () => string }> => {
  const [response] = (await once(get(server.url(path)), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  response.on("data", (chunk: Buffer) => chunks.push(chunk));
  response.on("error", () => {});
  readers.push(response);
  return { response, text: () => Buffer.concat(chunks).toString("latin1") };
};
const sent = (sequence: number): string => Buffer.from(picture(sequence)).toString("latin1");
const TIME = String.raw`\d{10}\.\d{6}`;

describe.each([
  ["/?action=stream", "multipart/x-mixed-replace;boundary=boundarydonotcross", "boundarydonotcross", true],
  ["/?action=stream_0", "multipart/x-mixed-replace;boundary=boundarydonotcross", "boundarydonotcross", true],
  [
    "/?n=1&action=stream&x",
    "multipart/x-mixed-replace;boundary=boundarydonotcross",
    "boundarydonotcross",
    true,
  ],
  ["/stream", "multipart/x-mixed-replace;boundary=boundarydonotcross", "boundarydonotcross", true],
  ["/api/stream.mjpeg?src=front", "multipart/x-mixed-replace; boundary=frame", "frame", false],
])("%s", (path, type, boundary, hasTime) => {
  test("is the parts that its readers know, each with the next boundary behind it", async () => {
    const server = await start();
    server.publish();
    const { response, text } = await open(server, path);
    expect(response.statusCode).toBe(200);
    expect(response.headers["content-type"]).toBe(type);
    expect(response.headers["transfer-encoding"]).toBeUndefined();
    await eventually(() => expect(text()).toContain(sent(1)));
    server.publish();
    await eventually(() => expect(text()).toContain(sent(2)));
    const time = hasTime ? `X-Timestamp: ${TIME}\r\n` : "";
    const head = `Content-Type: image/jpeg\r\nContent-Length: 64\r\n${time}\r\n`;
    const blank = text().replaceAll(sent(1), "JPEG").replaceAll(sent(2), "JPEG");
    expect(blank).toMatch(
      new RegExp(`^--${boundary}\r\n${head}JPEG\r\n--${boundary}\r\n${head}JPEG\r\n--${boundary}\r\n$`),
    );
  });

  test("shows that the camera has failed", async () => {
    const server = await start();
    server.update({ state: "gone", reason: "it was pulled out" });
    const { text } = await open(server, path);
    await eventually(() => expect(text()).toMatch(/Content-Length: \d+\r\n[^]*\xff\xd8/));
  });

  test("lets the camera go with its reader", async () => {
    const server = await start();
    const { response } = await open(server, path);
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    response.destroy();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test("tells its headers alone", async () => {
    const server = await start();
    const answer = await fetch(server.url(path), { method: "HEAD" });
    expect(answer.status).toBe(200);
    expect(server.demands.flat()).toEqual([]);
  });
});

describe.each(["/?action=snapshot", "/?action=snapshot_0", "/snapshot", "/api/frame.jpeg?src=front"])(
  "%s",
  (path) => {
    test("is the newest picture, kept by nobody", async () => {
      const server = await start();
      server.publish();
      server.publish();
      const answer = await fetch(server.url(path));
      expect(answer.status).toBe(200);
      expect(answer.headers.get("content-type")).toBe("image/jpeg");
      expect(answer.headers.get("cache-control")).toMatch(/no-cache/);
      expect(answer.headers.get("pragma")).toBe("no-cache");
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(picture(2));
    });

    test("of a camera that has failed says so", async () => {
      const server = await start();
      server.update({ state: "stalled", reason: "it hangs" });
      const answer = await fetch(server.url(path));
      expect(answer.status).toBe(200);
      expect(Buffer.from(await answer.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
    });
  },
);

test.each([
  ["/?action=snapshot_1", 404, "Invalid input plugin number"],
  ["/?action=stream_1", 404, "Invalid input plugin number"],
  ["/?action=command&id=1&value=2", 501, "Not Implemented"],
  ["/?action=", 501, "Not Implemented"],
  ["/stream?camera=none", 404, "no such camera"],
  ["/snapshot?camera=none", 404, "no such camera"],
  ["/state?camera=none", 404, "no such camera"],
  ["/api/frame.jpeg", 404, "stream not found"],
  ["/api/frame.jpeg?src=none", 404, "stream not found"],
  ["/api/stream.mjpeg?src=none", 404, "stream not found"],
  ["/api/streams?src=none", 404, "stream not found"],
])("%s is %i", async (path, status, sentence) => {
  const server = await start();
  const answer = await fetch(server.url(path));
  expect(answer.status).toBe(status);
  expect(await answer.text()).toContain(sentence);
});

describe("µStreamer's", () => {
  test("/snapshot tells how the picture came to be", async () => {
    const server = await start();
    server.publish();
    const { headers } = await fetch(server.url("/snapshot"));
    expect(headers.get("x-ustreamer-online")).toBe("true");
    expect(headers.get("x-ustreamer-width")).toBe("640");
    expect(headers.get("x-ustreamer-height")).toBe("360");
    for (const name of ["X-Timestamp", "X-UStreamer-Grab-End-Timestamp", "X-UStreamer-Send-Timestamp"]) {
      expect(headers.get(name)).toMatch(new RegExp(`^${TIME}$`));
    }
    server.update({ state: "gone", reason: "it was pulled out" });
    expect((await fetch(server.url("/snapshot"))).headers.get("x-ustreamer-online")).toBe("false");
  });

  test("/state has its shape, with true values", async () => {
    const server = await start();
    const { response } = await open(server, "/stream?key=abc&extra_headers=1");
    const cookie = String(response.headers["set-cookie"]);
    const id = /^stream_client=abc\/([0-9a-f]{16}); Path=\/; max-age=30/.exec(cookie)?.[1] ?? "";
    const client = {
      fps: 0,
      extra_headers: true,
      advance_headers: false,
      dual_final_frames: false,
      zero_data: false,
      key: "abc",
    };
    expect(await (await fetch(server.url("/state"))).json()).toEqual({
      ok: true,
      result: {
        instance_id: "front",
        encoder: { type: "HW", quality: 0 },
        source: {
          resolution: { width: 640, height: 360 },
          online: true,
          desired_fps: 30,
          captured_fps: 0,
        },
        stream: { queued_fps: 0, clients: 1, clients_stat: { [id]: client } },
      },
    });
    response.destroy();
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
    const left = (await (await fetch(server.url("/state"))).json()) as { result: { stream: unknown } };
    expect(left.result.stream).toMatchObject({ clients: 0, clients_stat: {} });
  });

  test("/stream has more headers for who asks for them, and counts what it left out", async () => {
    const server = await start();
    server.publish();
    const { text } = await open(server, "/stream?extra_headers=1");
    await eventually(() => expect(text()).toContain(sent(1)));
    const head = text().split("\r\n\r\n")[0] ?? "";
    expect(head).toMatch(
      /X-UStreamer-Online: true\r\nX-UStreamer-Dropped: 0\r\nX-UStreamer-Width: 640\r\nX-UStreamer-Height: 360\r\n/,
    );
    expect(head).toMatch(new RegExp(`X-UStreamer-Grab-End-Time: ${TIME}`));
    expect(head).toMatch(/X-UStreamer-Latency: \d+\.\d{6}/);
  });

  test("/stream sends the next headers in advance, and no data, for who asks for that", async () => {
    const server = await start();
    server.publish();
    const { text } = await open(server, "/stream?advance_headers=1");
    const head = `--boundarydonotcross\r\nContent-Type: image/jpeg\r\nX-Timestamp: ${TIME}\r\n\r\n`;
    await eventually(() => expect(text()).toContain(sent(1)));
    expect(text().replace(sent(1), "JPEG")).toMatch(new RegExp(`^${head}JPEG\r\n${head}$`));
    const { text: empty } = await open(server, "/stream?zero_data=1");
    await eventually(() =>
      expect(empty()).toMatch(
        new RegExp(`Content-Length: 0\r\nX-Timestamp: ${TIME}\r\n\r\n\r\n--boundarydonotcross\r\n$`),
      ),
    );
  });

  test("key cannot put headers into the answer", async () => {
    const server = await start();
    const { response } = await open(server, "/stream?key=a%0d%0aX-Evil:%201;%20b");
    expect(response.headers["x-evil"]).toBeUndefined();
    expect(String(response.headers["set-cookie"])).toMatch(
      /^stream_client=a%0D%0AX-Evil%3A%201%3B%20b\/[0-9a-f]{16}; Path/,
    );
  });
});

test("go2rtc's /api/streams lists producers and consumers", async () => {
  const server = await start();
  await open(server, "/api/stream.mjpeg?src=front");
  const front = { producers: [{ url: "test:" }], consumers: [{ format_name: "jpeg", viewers: 1 }] };
  expect(await (await fetch(server.url("/api/streams"))).json()).toEqual({ front });
  expect(await (await fetch(server.url("/api/streams?src=front"))).json()).toEqual(front);
});

test("a link with a token opens a stream, and is not sent to the page", async () => {
  const server = await start({ token: "secret-token" });
  server.publish();
  expect((await fetch(server.url("/?action=snapshot"))).status).toBe(401);
  const answer = await fetch(server.url("/?action=snapshot&token=secret-token"), { redirect: "manual" });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("image/jpeg");
});

test("the page stays where it is", async () => {
  const server = await start();
  for (const path of ["/", "/?camera=front", "/?reaction=stream", "/index.html?action=stream"]) {
    expect(await (await fetch(server.url(path))).text()).toContain("the page");
  }
});

test("none of it is there if it is switched off", async () => {
  const server = await start({ dropIn: false });
  server.publish();
  expect(await (await fetch(server.url("/?action=stream"))).text()).toContain("the page");
  for (const path of ["/stream", "/snapshot", "/state", "/api/streams", "/api/frame.jpeg?src=front"]) {
    expect((await fetch(server.url(path))).status).toBe(404);
  }
});
