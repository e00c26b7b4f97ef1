import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startCluster, startNats } from "../support/nats-server.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";
import { has } from "../support/tools.ts";

const PATIENCE_MS = 30_000;
const SMALL = "test=test:160x120@30";
const SECRET = "s3cret-pw";

describe.skipIf(!has("nats-server", "--version"))("programs on NATS", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const launch = (args: string[], environment?: Record<string, string>): Program => {
    const program = new Program(args, environment);
    ends.push(() => program.kill("SIGKILL"));
    return program;
  };
  const serve = async (mapper: string, ...args: string[]): Promise<{ program: Program; url: string }> => {
    const [command = "server", ...rest] = args;
    const program = launch([command, ...rest, "--port", "0"], { HELLO_MAPPER: mapper });
    await program.says(/http:\S+\n/);
    return { program, url: program.firstLine };
  };
  const watch = async (url: string, camera = "test"): Promise<TestViewer> => {
    // A worker that is still starting answers when it is there.
    await fetch(`${url}/healthz`);
    const viewer = await TestViewer.open(`${url.replace("http", "ws")}/ws`);
    ends.push(() => viewer.close());
    viewer.socket.on("message", (_, isBinary: boolean) => {
      if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 2);
    });
    viewer.tell({ type: "watch", camera, track: "jpeg", window: 2 });
    return viewer;
  };
  const flows = async (viewer: TestViewer): Promise<void> => {
    const before = viewer.binaries.length;
    await eventually(() => expect(viewer.binaries.length).toBeGreaterThan(before + 5), PATIENCE_MS);
  };
  const state = async (url: string): Promise<string> => {
    const answer = await fetch(`${url}/cameras/test`);
    return ((await answer.json()) as { state?: string }).state ?? "unknown";
  };
  /** Wait until all servers say so. */
  const agree = async (urls: string[], wanted: string, withinMs = PATIENCE_MS): Promise<void> => {
    let said: string[] = [];
    const limit = Date.now() + withinMs;
    while (Date.now() < limit) {
      said = await Promise.all(urls.map(state));
      if (said.every((word) => word === wanted)) return;
    }
    expect(said).toEqual(urls.map(() => wanted));
  };

  test("a camera opens for the first viewer anywhere and closes after the last; who dies is gone everywhere and comes back", async () => {
    const cluster = await startCluster();
    ends.push(() => cluster.stop());
    const [one, two, three] = cluster.nodes.map(({ url }) => url);
    const recorder = launch(["recorder", "--camera", SMALL], { HELLO_MAPPER: one ?? "" });
    const servers = [await serve(two ?? ""), await serve(three ?? "")];
    const urls = servers.map(({ url }) => url);
    await agree(urls, "closed");
    const viewers = [await watch(urls[0] ?? ""), await watch(urls[1] ?? "")];
    for (const viewer of viewers) await flows(viewer);
    await agree(urls, "live");
    expect(await recorder.kill("SIGKILL")).toBe("SIGKILL");
    await agree(urls, "gone", 4000);
    launch(["recorder", "--camera", SMALL], { HELLO_MAPPER: one ?? "" });
    for (const viewer of viewers) await flows(viewer);
    await cluster.nodes[1]?.kill();
    for (const viewer of viewers) await flows(viewer);
    for (const viewer of viewers) expect(viewer.closed).toBeUndefined();
    viewers[0]?.close();
    await flows(viewers[1] as TestViewer);
    viewers[1]?.close();
    await agree(urls, "closed");
  });

  test("up serves its cameras and those of others; its workers too; no secret is in a command line or a log", async () => {
    const nats = await startNats({ config: `authorization { user: "all", password: "${SECRET}" }` });
    ends.push(() => nats.stop());
    const mapper = `nats://all:${SECRET}@127.0.0.1:${nats.port}`;
    const up = await serve(mapper, "up", "--camera", SMALL, "--workers", "2", "--log-level", "debug");
    const other = await serve(mapper, "server", "--log-level", "debug");
    for (const url of [up.url, other.url]) await flows(await watch(url));
    for (const { program } of [up, other]) {
      expect(program.stdout + program.stderr).not.toContain(SECRET);
      const children = readFileSync(`/proc/${program.pid}/task/${program.pid}/children`, "utf8").split(" ");
      for (const pid of [String(program.pid), ...children.filter((text) => text.trim() !== "")]) {
        expect(readFileSync(`/proc/${pid}/cmdline`, "utf8")).not.toContain(SECRET);
      }
    }
  });

  test("a server that hangs and goes on is at the live edge, and its viewers stay", async () => {
    const nats = await startNats();
    ends.push(() => nats.stop());
    launch(["recorder", "--camera", SMALL], { HELLO_MAPPER: nats.url });
    const [a, b] = [await serve(nats.url), await serve(nats.url)];
    const [hung, other] = [await watch(a.url), await watch(b.url)];
    await flows(hung);
    a.program.hang(true);
    const before = other.binaries.length;
    await eventually(() => expect(other.binaries.length).toBeGreaterThan(before + 120), PATIENCE_MS);
    a.program.hang(false);
    await flows(hung);
    await flows(hung);
    const newest = (viewer: TestViewer): number => viewer.frames.at(-1)?.capturedAt ?? 0;
    await eventually(() => expect(Math.abs(newest(hung) - newest(other))).toBeLessThan(500_000));
    expect(hung.closed).toBeUndefined();
  });

  test.each([
    [["recorder", "--camera", SMALL], "refuses the login"],
    [["server", "--port", "0"], "refuses the login"],
    [["server", "--port", "0", "--workers", "2"], "refuses the login"],
    [["up", "--port", "0", "--camera", SMALL], "refuses the login"],
    [["mapper"], "NATS is the mapper itself"],
  ])("%j with a wrong password ends with status 2 and one sentence: %s", async (args, sentence) => {
    const nats = await startNats({ config: `authorization { user: "all", password: "right" }` });
    ends.push(() => nats.stop());
    const program = launch(args, { HELLO_MAPPER: `nats://all:${SECRET}@127.0.0.1:${nats.port}` });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toContain(sentence);
    expect(program.stderr.trim().split("\n")).toHaveLength(1);
    expect(program.stderr).not.toContain(SECRET);
  });

  test("an address that cannot be read is refused without its login", async () => {
    const program = launch(["server"], { HELLO_MAPPER: `nats://all:${SECRET}@host:0` });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toContain("HELLO_MAPPER: the value is not right: expected unix:PATH");
    expect(program.stderr).not.toContain(SECRET);
  });

  test("a relay brings the cameras of a server onto NATS", async () => {
    const nats = await startNats();
    ends.push(() => nats.stop());
    const source = launch(["up", "--port", "0", "--camera", SMALL]);
    await source.says(/http:\S+\n/);
    const relay = launch(["relay", source.firstLine, "--camera", "far=test", "--port", "0"], {
      HELLO_MAPPER: nats.url,
    });
    await relay.says(/http:\S+\n/);
    const server = await serve(nats.url);
    await flows(await watch(server.url, "far"));
    await flows(await watch(relay.firstLine, "far"));
    const wrong = launch(["relay", "ftp://x"]);
    expect(await wrong.end()).toBe(2);
    expect(wrong.stderr).toContain("expected wss://HOST:PORT/");
  });
});
