import { afterEach, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { TestServer } from "../../test/support/test-server.ts";
import type { ServerLog } from "./request-log.ts";

/** Keeps what is logged. */
class KeptLog implements ServerLog {
  readonly lines: { readonly level: string; readonly facts: object; readonly message: string }[] = [];
  debug(facts: object, message: string): void {
    this.lines.push({ level: "debug", facts, message });
  }
  error(facts: object, message: string): void {
    this.lines.push({ level: "error", facts, message });
  }
}

const servers: TestServer[] = [];
const start = async (token?: string): Promise<{ server: TestServer; log: KeptLog }> => {
  const log = new KeptLog();
  const server = await TestServer.start({ log, ...(token === undefined ? {} : { token }) });
  servers.push(server);
  return { server, log };
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

test("a request is logged with the id that its client is told", async () => {
  const { server, log } = await start();
  const answer = await fetch(server.url("/cameras/none"), { headers: { "X-Request-Id": "proxy-1" } });
  expect(answer.headers.get("x-request-id")).toBe("proxy-1");
  await eventually(() =>
    expect(log.lines).toEqual([
      {
        level: "debug",
        message: "a request was answered",
        facts: {
          request: "proxy-1",
          method: "GET",
          path: "/cameras/none",
          status: 404,
          ms: expect.any(Number),
          address: "127.0.0.1",
        },
      },
    ]),
  );
});

test("an id that might be something else is not taken over", async () => {
  const { server } = await start();
  for (const id of ["a b", "x".repeat(65), '{"a":1}', ""]) {
    const answer = await fetch(server.url("/cameras"), { headers: { "X-Request-Id": id } });
    expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test("no token reaches the log, wherever it came in", async () => {
  const { server, log } = await start("secret-token");
  await fetch(server.url("/cameras?token=secret-token"));
  await fetch(server.url("/?token=secret-token"), { redirect: "manual" });
  await fetch(server.url("/cameras"), { headers: { authorization: "Bearer secret-token" } });
  await fetch(server.url("/cameras"), { headers: { cookie: "hello_token=secret-token" } });
  await eventually(() => expect(log.lines).toHaveLength(4));
  expect(JSON.stringify(log.lines)).not.toContain("secret");
});

test("a fault of the server is told to the log whole, and to the client by its id", async () => {
  const { server, log } = await start();
  server.bus.camera = () => {
    throw new Error("inside out");
  };
  const answer = await fetch(server.url("/cameras/front"));
  expect(answer.status).toBe(500);
  const { error } = (await answer.json()) as { error: string };
  expect(error).toContain(answer.headers.get("x-request-id"));
  expect(error).not.toContain("inside out");
  await eventually(() => expect(log.lines.map(({ level }) => level).sort()).toEqual(["debug", "error"]));
  expect(JSON.stringify(log.lines)).toContain("inside out");
});
