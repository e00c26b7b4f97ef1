import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test, vi } from "vitest";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";

const WAIT = { timeout: 20_000, interval: 50 };
const SMALL = "front=test:160x120@30";

const programs: Program[] = [];
const viewers: TestViewer[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
});
const start = async (...args: string[]): Promise<Program> => {
  const program = new Program(["--port", "0", "--camera", SMALL, ...args]);
  programs.push(program);
  await program.says(/http:\S+\n/);
  await program.says(/front: /);
  return program;
};
const watch = async (address: string): Promise<void> => {
  const viewer = await TestViewer.open(`${address.replace("http", "ws")}/ws`);
  viewers.push(viewer);
  viewer.socket.on("message", (_, isBinary: boolean) => {
    if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 8);
  });
  viewer.tell({ type: "watch", camera: "front", track: "jpeg", window: 8 });
};
const lines = async (address: string): Promise<Map<string, number>> => {
  const text = await (await fetch(`${address}/metrics`)).text();
  const found = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(found.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.split(" ").at(-1))]));
};
const childOf = (pid: number, program: string): number | undefined =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((child) => {
      try {
        const parent = readFileSync(`/proc/${child}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
        return parent === String(pid) && readFileSync(`/proc/${child}/cmdline`, "utf8").includes(program);
      } catch {
        return false;
      }
    });

describe.skipIf(process.platform !== "linux")("/metrics of several workers", () => {
  test("is of all of them, of the mapper and of what was started again", async () => {
    const program = await start("--workers", "2");
    const address = program.firstLine;
    for (let n = 0; n < 4; n++) await watch(address);
    const age = "hello_websocket_frame_age_seconds_count";
    await vi.waitFor(async () => {
      const metrics = await lines(address);
      expect(metrics.get("hello_websocket_viewers")).toBe(4);
      expect(metrics.get('hello_websocket_track_viewers{camera="front",track="jpeg"}')).toBe(4);
      for (const hop of ["mapper", "server", "viewer"]) {
        expect(metrics.get(`${age}{camera="front",hop="${hop}"}`)).toBeGreaterThan(10);
      }
      for (const name of ["main", "worker-1", "worker-2"]) {
        expect(metrics.get(`process_resident_memory_bytes{process="${name}"}`)).toBeGreaterThan(1e7);
      }
    }, WAIT);
    const restarts = 'hello_websocket_recorder_restarts_total{camera="front"}';
    expect((await lines(address)).get(restarts)).toBe(0);
    process.kill(childOf(program.pid, "recorder-main") ?? 0, "SIGKILL");
    await vi.waitFor(async () => {
      const metrics = await lines(address);
      expect(metrics.get(restarts)).toBe(1);
      expect(metrics.get('hello_websocket_camera_failures_total{camera="front"}')).toBe(1);
      expect(metrics.get('hello_websocket_camera_state{camera="front",state="live"}')).toBe(1);
    }, WAIT);
  });
});

test("the health of a camera that nobody watches is found out by opening it", async () => {
  const { firstLine: address } = await start();
  await vi.waitFor(async () => {
    expect(await (await fetch(`${address}/cameras/front`)).json()).toMatchObject({ state: "closed" });
  }, WAIT);
  const answer = await fetch(`${address}/healthz?camera=front&maxAge=2s`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ status: "ok", state: "live", ageMs: expect.any(Number) });
});

test("a server without its mapper is not ready", async () => {
  const program = new Program(["server", "--port", "0", "--mapper", "unix:/tmp/hello-none/none.sock"]);
  programs.push(program);
  await program.says(/http:\S+\n/);
  const answer = await fetch(`${program.firstLine}/readyz`);
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({
    status: "not ready",
    reason: "there is no connection to the mapper",
  });
});

test("the log is lines of JSON for programs, and holds no token", async () => {
  const token = "very-secret-token";
  const program = await start("--log-format", "json", "--log-level", "debug", "--token", token);
  const address = new URL(program.firstLine).origin;
  await fetch(`${address}/cameras?token=${token}`, { headers: { "X-Request-Id": "mine" } });
  await program.says(/"request":"mine"/);
  const found = program.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(found.find(({ request }) => request === "mine")).toMatchObject({
    level: "debug",
    process: "main",
    method: "GET",
    path: "/cameras",
    status: 200,
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
  });
  expect(program.stderr).not.toContain(token);
});
