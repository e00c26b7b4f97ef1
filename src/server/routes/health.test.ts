import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { TestServer } from "../../../test/support/test-server.ts";

const servers: TestServer[] = [];
const start = async (options?: Parameters<typeof TestServer.start>[0]): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});
const ask = async (server: TestServer, path: string): Promise<[number, unknown]> => {
  const answer = await fetch(server.url(path));
  return [answer.status, await answer.json()];
};

describe("/healthz of a camera", () => {
  test("is well while it has not failed", async () => {
    const server = await start();
    const ok = { status: "ok", camera: "front" };
    expect(await ask(server, "/healthz?camera=front")).toEqual([200, { ...ok, state: "live" }]);
    server.update({ state: "closed" });
    expect(await ask(server, "/healthz?camera=front")).toEqual([200, { ...ok, state: "closed" }]);
    server.update({ state: "stalled", reason: "no usable frame for 2 s" });
    expect(await ask(server, "/healthz?camera=front")).toEqual([
      503,
      { status: "failed", camera: "front", state: "stalled", reason: "no usable frame for 2 s" },
    ]);
  });

  test("is well as soon as a picture is new enough, which it takes as a viewer does", async () => {
    const server = await start();
    server.update({ state: "closed" });
    const answer = ask(server, "/healthz?camera=front&maxAge=1m");
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    server.update({ state: "live" });
    server.publish();
    expect(await answer).toEqual([
      200,
      { status: "ok", camera: "front", state: "live", ageMs: expect.any(Number) },
    ]);
    await eventually(() => expect(server.demands.at(-1)).toEqual([]));
  });

  test("is not well without a picture that is new enough", async () => {
    const server = await start();
    const failed = { status: "failed", camera: "front" };
    expect(await ask(server, "/healthz?camera=front&maxAge=20ms")).toEqual([
      503,
      { ...failed, state: "live", reason: "no picture came within 0.02 s" },
    ]);
    const answer = ask(server, "/healthz?camera=front&maxAge=1m");
    await eventually(() => expect(server.demands.at(-1)).toEqual(["jpeg"]));
    server.update({ state: "gone", reason: "it was pulled out" });
    expect(await answer).toEqual([503, { ...failed, state: "gone", reason: "it was pulled out" }]);
  });

  test("is not well with an old picture", async () => {
    const server = await start();
    server.publish(64, "jpeg", -60_000);
    const [status, body] = await ask(server, "/healthz?camera=front&maxAge=50ms");
    expect(status).toBe(503);
    expect(body).toMatchObject({ reason: "the newest picture is too old" });
    expect((body as { ageMs: number }).ageMs).toBeGreaterThan(59_000);
  });

  test.each([
    ["/healthz?camera=none", 404, /no camera/],
    ["/healthz?camera=front&maxAge=2", 400, /maxAge is not right: expected a time such as/],
    ["/healthz?camera=front&maxAge=", 400, /maxAge is not right/],
    ["/healthz?camera=front&maxAge=-1s", 400, /maxAge is not right/],
    ["/healthz?maxAge=2s", 400, /maxAge needs camera/],
  ])("%s is %i", async (path, status, sentence) => {
    const [found, body] = await ask(await start(), path);
    expect(found).toBe(status);
    expect((body as { error: string }).error).toMatch(sentence);
  });
});

test("/readyz tells whether the server can serve, and why not", async () => {
  let reason: string | undefined;
  const server = await start({ unready: () => reason });
  expect(await ask(server, "/readyz")).toEqual([200, { status: "ready" }]);
  reason = "there is no connection to the mapper";
  expect(await ask(server, "/readyz")).toEqual([503, { status: "not ready", reason }]);
});
