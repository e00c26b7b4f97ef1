import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { TestServer } from "../support/test-server.ts";

const servers: TestServer[] = [];
const start = async (options?: { token?: string }): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

describe("a request for another protocol than WebSocket", () => {
  const WISH =
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n";

  async function statusOf(server: TestServer, head: string, body = ""): Promise<number> {
    const socket = connect(server.running.port, "127.0.0.1");
    socket.write(
      `${head} HTTP/1.1\r\nHost: ${server.authority}\r\n${WISH}Content-Type: application/json\r\n`,
    );
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    return Number(answer.toString().split(" ")[1]);
  }

  test("is served without it", async () => {
    const server = await start();
    server.publish();
    server.adjust = async () => [];
    expect(await statusOf(server, "GET /cameras")).toBe(200);
    expect(await statusOf(server, "GET /cameras/front/snapshot.jpg")).toBe(200);
    expect(await statusOf(server, "PUT /cameras/front/controls", '{"brightness": 7}')).toBe(200);
    expect(await statusOf(server, "GET /ws")).toBe(426);
    expect(await statusOf(server, "GET /elsewhere")).toBe(404);
  });

  test("needs the token as any other", async () => {
    const server = await start({ token: "secret-token" });
    expect(await statusOf(server, "GET /cameras")).toBe(401);
    expect(await statusOf(server, "GET /cameras?token=secret-token")).toBe(200);
  });
});
