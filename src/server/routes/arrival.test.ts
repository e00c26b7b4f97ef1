import { afterEach, expect, test } from "vitest";
import { TestServer } from "../../../test/support/test-server.ts";

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

test("a request is told how it arrives, after the gate", async () => {
  server = await TestServer.start({ token: "secret-token" });
  expect((await fetch(server.url("/arrival"))).status).toBe(401);
  const headers = {
    authorization: "Bearer secret-token",
    origin: `http://${server.authority}`,
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-host": "home.example",
  };
  expect(await (await fetch(server.url("/arrival"), { headers })).json()).toEqual({
    address: "127.0.0.1",
    peer: "127.0.0.1",
    scheme: "http",
    path: "/",
    trusted: false,
    forwarded: ["x-forwarded-for", "x-forwarded-host"],
    host: server.authority,
    origin: `http://${server.authority}`,
  });
});

test("a WebSocket whose upgrade was lost is told so", async () => {
  server = await TestServer.start();
  const answer = await fetch(server.url("/ws?camera=front"));
  expect(answer.status).toBe(426);
  expect(answer.headers.get("upgrade")).toBe("websocket");
  expect(await answer.json()).toEqual({ error: expect.stringContaining("a proxy in between") });
});

test.each(["snapshot.jpg", "stream.mjpg"])("%s is held back, kept and changed by nobody", async (file) => {
  server = await TestServer.start();
  server.publish();
  const left = new AbortController();
  const answer = await fetch(server.url(`/cameras/front/${file}`), { signal: left.signal });
  expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
  expect(answer.headers.get("x-accel-buffering")).toBe("no");
  left.abort();
});
