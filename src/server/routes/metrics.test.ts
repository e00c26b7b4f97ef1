import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../../test/support/eventually.ts";
import { TestServer } from "../../../test/support/test-server.ts";
import { TestViewer } from "../../../test/support/test-viewer.ts";
import { has } from "../../../test/support/tools.ts";

const servers: TestServer[] = [];
const viewers: TestViewer[] = [];
const start = async (options?: Parameters<typeof TestServer.start>[0]): Promise<TestServer> => {
  const server = await TestServer.start(options);
  servers.push(server);
  return server;
};
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const server of servers.splice(0)) await server.stop();
});

const watch = async (server: TestServer, window: number): Promise<TestViewer> => {
  const viewer = await TestViewer.open(`ws://${server.authority}/ws`);
  viewers.push(viewer);
  viewer.tell({ type: "watch", camera: "front", track: "jpeg", window });
  await eventually(() => expect(viewer.messages.some(({ type }) => type === "watching")).toBe(true));
  return viewer;
};
const text = async (server: TestServer): Promise<string> => (await fetch(server.url("/metrics"))).text();
/** The value of a line, by its name and labels as they are written. */
const value = (metrics: string, line: string): number | undefined => {
  const found = metrics.split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length + 1));
};
const JPEG = '{camera="front",track="jpeg"}';
const AT_SERVER = '{camera="front",track="jpeg",hop="server"}';

describe("/metrics", () => {
  test("counts frames and bytes as they come, and what is lost before", async () => {
    const server = await start();
    await watch(server, 1);
    server.publish(100);
    server.skip(3);
    server.publish(200);
    const metrics = await text(server);
    expect(value(metrics, `hello_websocket_frames_total${AT_SERVER}`)).toBe(2);
    expect(value(metrics, `hello_websocket_frame_bytes_total${AT_SERVER}`)).toBe(300);
    expect(value(metrics, `hello_websocket_frames_dropped_total${AT_SERVER}`)).toBe(3);
  });

  test("counts what was offered to viewers, and what they went on without", async () => {
    const server = await start();
    const [slow, quick] = [await watch(server, 1), await watch(server, 8)];
    server.publish();
    await eventually(() => expect(slow.sequences).toEqual([1]));
    server.publish();
    server.publish();
    await eventually(() => expect(quick.sequences).toEqual([1, 2, 3]));
    slow.acknowledge(1, 1);
    await eventually(() => expect(slow.sequences).toEqual([1, 3]));
    const metrics = await text(server);
    expect(value(metrics, `hello_websocket_frames_offered_total${JPEG}`)).toBe(6);
    expect(value(metrics, `hello_websocket_frames_skipped_total${JPEG}`)).toBe(1);
    expect(value(metrics, `hello_websocket_track_viewers${JPEG}`)).toBe(2);
    expect(value(metrics, "hello_websocket_viewers")).toBe(2);
  });

  test("tells ages where a frame came, and where it was painted", async () => {
    const server = await start();
    const viewer = await watch(server, 8);
    server.publish();
    await eventually(() => expect(viewer.sequences).toEqual([1]));
    viewer.acknowledge(1, 8);
    viewer.acknowledge(1, 8);
    const age = "hello_websocket_frame_age_seconds";
    await eventuallyText(server, (metrics) => {
      expect(value(metrics, `${age}_count{camera="front",hop="server"}`)).toBe(1);
      expect(value(metrics, `${age}_count{camera="front",hop="viewer"}`)).toBe(1);
      expect(value(metrics, `${age}_bucket{camera="front",hop="viewer",le="+Inf"}`)).toBe(1);
    });
  });

  test("has the state of each camera as a set, and how often it failed", async () => {
    const server = await start();
    const states = (metrics: string): (number | undefined)[] =>
      ["closed", "opening", "live", "stalled", "gone"].map((state) =>
        value(metrics, `hello_websocket_camera_state{camera="front",state="${state}"}`),
      );
    expect(states(await text(server))).toEqual([0, 0, 1, 0, 0]);
    server.update({ state: "gone", reason: "it was pulled out", attempts: 1 });
    server.update({ state: "gone", reason: "it was pulled out", attempts: 2 });
    const metrics = await text(server);
    expect(states(metrics)).toEqual([0, 0, 0, 0, 1]);
    expect(value(metrics, 'hello_websocket_camera_failures_total{camera="front"}')).toBe(1);
    expect(value(metrics, 'hello_websocket_camera_attempts{camera="front"}')).toBe(2);
  });

  test("counts requests by route, never by what a client made up", async () => {
    const server = await start();
    for (const path of ["/cameras/front", "/cameras/other", "/a", "/b"]) await fetch(server.url(path));
    await eventuallyText(server, (metrics) => {
      const requests = (labels: string): number | undefined =>
        value(metrics, `hello_websocket_http_requests_total{method="GET",${labels}}`);
      expect(requests('route="/cameras/:id",status="200"')).toBe(1);
      expect(requests('route="/cameras/:id",status="404"')).toBe(1);
      expect(requests('route="none",status="404"')).toBe(2);
    });
  });

  test("names no track that nobody ever took, and is behind the gate", async () => {
    const server = await start({ token: "secret-token" });
    expect((await fetch(server.url("/metrics"))).status).toBe(401);
    const authorization = "Bearer secret-token";
    const answer = await fetch(server.url("/metrics"), { headers: { authorization } });
    expect(answer.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).not.toContain("track=");
  });
});

/** Ask until the answer is right: what a viewer says has to arrive first. */
const eventuallyText = (server: TestServer, check: (metrics: string) => void): Promise<void> =>
  eventually(async () => check(await text(server)));

/** Metrics of a server that has something to tell in each of them. */
const full = async (): Promise<string> => {
  const server = await start();
  const viewer = await watch(server, 8);
  server.publish();
  await eventually(() => expect(viewer.sequences).toEqual([1]));
  viewer.acknowledge(1, 8);
  await fetch(server.url("/healthz"));
  return text(server);
};

test.skipIf(!has("promtool", "--version"))("promtool finds nothing to say against them", async () => {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: await full(),
    encoding: "utf8",
  });
  expect(stdout + stderr).toBe("");
  expect(status).toBe(0);
});

/** What the dashboard asks Prometheus. */
const questions = (): readonly string[] => {
  const file = new URL("../../../docs/grafana/hello-websocket.json", import.meta.url);
  const { panels } = JSON.parse(readFileSync(file, "utf8")) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
};

test("every metric that the dashboard of docs/grafana names is there", async () => {
  const metrics = await full();
  const known = new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  // Only a process that starts others has these.
  for (const name of ["recorder", "worker"]) known.add(`hello_websocket_${name}_restarts_total`);
  expect(questions().length).toBeGreaterThan(10);
  const named = questions().flatMap((one) => one.match(/\b(hello_websocket|process|nodejs)_\w+/g) ?? []);
  const unknown = named.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, "")));
  expect(unknown).toEqual([]);
});

test.skipIf(!has("promtool", "--version"))("Prometheus understands what the dashboard asks", () => {
  const rules = questions().map((question, n) => ({
    record: `panel:${n}`,
    expr: question.replaceAll("$__rate_interval", "1m").replaceAll("$camera", ".*"),
  }));
  const folder = mkdtempSync(join(tmpdir(), "hello-rules-"));
  const file = join(folder, "rules.yml");
  writeFileSync(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "rules", file], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  expect(`${stdout}${stderr}`).toContain(`SUCCESS: ${rules.length} rules found`);
  expect(status).toBe(0);
});
