import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { type RunningMapper, run } from "../../src/mapper/mapper.ts";
import type { CameraInfo, Micros } from "../../src/protocol/index.ts";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { FRONT, picture } from "../support/test-server.ts";
import { TestViewer } from "../support/test-viewer.ts";

const PATIENCE_MS = 20_000;
const SMALL = "test=test:160x120@30";
const CAMERA: CameraInfo = { ...FRONT, tracks: [...FRONT.tracks, { name: "h264", codec: "avc1.42E01E" }] };

const programs: Program[] = [];
const viewers: TestViewer[] = [];
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
});

const launch = async (...args: string[]): Promise<Program> => {
  const program = new Program(args);
  programs.push(program);
  await program.says(/http:\S+\n/);
  // A worker answers.
  expect((await fetch(`${program.firstLine}/healthz`)).status).toBeLessThan(500);
  return program;
};

/** A viewer that acknowledges what comes, as a browser does. */
const watch = async (address: string, camera: string, track = "jpeg"): Promise<TestViewer> => {
  const viewer = await TestViewer.open(`${address.replace("http", "ws")}/ws`);
  viewers.push(viewer);
  viewer.socket.on("message", (_, isBinary: boolean) => {
    if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 8);
  });
  viewer.tell({ type: "watch", camera, track, window: 8 });
  return viewer;
};
const watchers = (count: number, address: string, camera: string, track?: string): Promise<TestViewer[]> =>
  Promise.all(Array.from({ length: count }, () => watch(address, camera, track)));

const childrenOf = (pid: number, program: string): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const parent = readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1];
        return parent === String(pid) && readFileSync(`/proc/${name}/cmdline`, "utf8").includes(program);
      } catch {
        return false;
      }
    })
    .map(Number);
const lives = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const workersOf = ({ pid }: Program): number[] => childrenOf(pid, "worker-main");
const closedAmong = (some: readonly TestViewer[]): TestViewer[] => some.filter(({ closed }) => closed);

/** Kill one worker and wait for its successor; the viewers that it had, and had not, and the worker that stayed. */
const killOne = async (
  program: Program,
  watching: readonly TestViewer[],
  victim = workersOf(program)[0] ?? 0,
): Promise<{ lost: TestViewer[]; kept: TestViewer[]; stayed: number | undefined }> => {
  const stayed = workersOf(program).find((pid) => pid !== victim);
  process.kill(victim, "SIGKILL");
  await eventually(() => expect(closedAmong(watching).length).toBeGreaterThan(0), PATIENCE_MS);
  await eventually(() => {
    expect(workersOf(program)).toHaveLength(2);
    expect(workersOf(program)).not.toContain(victim);
  }, PATIENCE_MS);
  await program.says(/worker \d has ended \(SIGKILL\); it is started again/);
  return { lost: closedAmong(watching), kept: watching.filter(({ closed }) => !closed), stayed };
};

describe("two workers at a mapper whose camera is fed by hand", () => {
  let folder: string;
  let bus: MemoryBus;
  let mapper: RunningMapper;
  let controller: AbortController;
  let publication: Publication;
  let demands: string[][];
  let wishes: string[];
  let sequence: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "hello-workers-"));
    bus = new MemoryBus();
    controller = new AbortController();
    const address = { kind: "path", path: join(folder, "mapper.sock") } as const;
    mapper = await run({ address, bus, log: { warn: () => {} }, signal: controller.signal });
    demands = [];
    wishes = [];
    sequence = 0;
    publication = bus.publish(CAMERA, {
      demand: (tracks) => demands.push([...tracks]),
      keyframe: (track) => wishes.push(track),
      refused: () => {},
    });
    publication.update(CAMERA);
  });
  afterEach(async () => {
    controller.abort();
    await mapper.stopped;
    rmSync(folder, { recursive: true });
  });

  const server = (...args: string[]): Promise<Program> =>
    launch("server", "--workers", "2", "--port", "0", "--mapper", `unix:${folder}/mapper.sock`, ...args);
  const publish = (track = "jpeg", keyframe = true): number => {
    sequence++;
    publication.publish(track, {
      sequence,
      capturedAt: (Date.now() * 1000) as Micros,
      keyframe,
      discardable: false,
      layer: 0,
      payload: picture(sequence),
    });
    return sequence;
  };
  const subscribers = (track = "jpeg"): number =>
    bus.figures("front").find((figures) => figures.track === track)?.subscribers ?? 0;
  /** Publish one frame, and wait until all have it. */
  const reach = async (some: readonly TestViewer[]): Promise<void> => {
    const newest = publish();
    await eventually(() => {
      for (const viewer of some) expect(viewer.sequences.at(-1)).toBe(newest);
    }, PATIENCE_MS);
  };

  test("take each watched track once each, and none that nobody watches", async () => {
    const program = await server();
    expect(subscribers()).toBe(0);
    const all = await watchers(20, program.firstLine, "front");
    await reach(all);
    expect(subscribers()).toBe(2);
    expect(subscribers("h264")).toBe(0);
    for (const viewer of all) viewer.close();
    await eventually(() => expect(subscribers()).toBe(0), PATIENCE_MS);
    expect(demands.at(-1)).toEqual([]);
  });

  test("one that is killed is replaced; only its viewers, half of all, lose their connection, and come back", async () => {
    const program = await server();
    const all = await watchers(20, program.firstLine, "front");
    await reach(all);
    const { lost, kept, stayed } = await killOne(program, all);
    expect(lost).toHaveLength(10);
    await reach(kept);
    const again = await watchers(10, program.firstLine, "front");
    await reach([...kept, ...again]);
    expect(subscribers()).toBe(2);
    for (const viewer of kept) {
      // Every frame, under one number, over one connection.
      expect(viewer.sequences).toEqual(Array.from({ length: sequence }, (_, n) => n + 1));
      expect(new Set(viewer.frames.map(({ track }) => track)).size).toBe(1);
    }
    // Those who came back are at the successor: the end of the other is nothing to them.
    expect((await killOne(program, kept, stayed)).lost).toHaveLength(10);
    await reach(again);
    expect(closedAmong(again)).toEqual([]);
  });

  test("one that dies before it has taken a connection loses none: another takes it", async () => {
    const program = await server();
    const [victim = 0] = workersOf(program);
    process.kill(victim, "SIGSTOP");
    const some = Array.from(
      { length: 8 },
      () => new TestViewer(`${program.firstLine.replace("http", "ws")}/ws`),
    );
    viewers.push(...some);
    const open = (): number => some.filter(({ texts }) => texts.length > 0).length;
    await eventually(() => expect(open()).toBe(4), PATIENCE_MS);
    process.kill(victim, "SIGKILL");
    await eventually(() => expect(open()).toBe(8), PATIENCE_MS);
    expect(closedAmong(some)).toEqual([]);
  });

  test("share the viewers where each browser keeps another connection open", async () => {
    const program = await server();
    const agents: Agent[] = [];
    const all: TestViewer[] = [];
    for (let page = 0; page < 10; page++) {
      const agent = new Agent({ keepAlive: true });
      agents.push(agent);
      const [response] = (await once(get(program.firstLine, { agent }), "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
      all.push(await watch(program.firstLine, "front"));
    }
    await reach(all);
    const { lost, kept } = await killOne(program, all);
    for (const agent of agents) agent.destroy();
    expect(lost.length).toBeGreaterThanOrEqual(3);
    expect(kept.length).toBeGreaterThanOrEqual(3);
  });

  test("tell the same of the whole server, whichever is asked", async () => {
    const program = await server();
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(program.firstLine + path, { headers: { connection: "close" } })).json();
    const alone = await watch(program.firstLine, "front");
    await reach([alone]);
    for (let n = 0; n < 4; n++) {
      // Only one worker takes the track.
      expect(subscribers()).toBe(1);
      expect(await ask("/healthz")).toEqual({ status: "ok", cameras: 1, live: 1, viewers: 1 });
      expect(await ask("/cameras/front")).toMatchObject({
        tracks: [
          { name: "jpeg", viewers: 1, sequence, framesPerSecond: expect.any(Number) },
          { name: "h264" },
        ],
      });
    }
    const more = await watchers(3, program.firstLine, "front");
    await reach([alone, ...more]);
    for (let n = 0; n < 4; n++) {
      expect(await ask("/healthz")).toMatchObject({ viewers: 4 });
      expect(await ask("/cameras/front")).toMatchObject({ tracks: [{ viewers: 4, sequence }, {}] });
      expect(await ask("/cameras")).toMatchObject([{ id: "front", state: "live" }]);
    }
  });

  test("give a newcomer the whole GOP although its worker did not take the track", async () => {
    const program = await server();
    const first = await watch(program.firstLine, "front", "h264");
    await eventually(() => expect(demands.at(-1)).toEqual(["h264"]), PATIENCE_MS);
    for (const keyframe of [true, false, false, false]) publish("h264", keyframe);
    await eventually(() => expect(first.sequences).toEqual([1, 2, 3, 4]), PATIENCE_MS);
    const second = await watch(program.firstLine, "front", "h264");
    await eventually(() => expect(second.sequences).toEqual([1, 2, 3, 4]), PATIENCE_MS);
    expect(subscribers("h264")).toBe(2);
    expect(wishes).toEqual([]);
  });

  test("pass on the wishes of many viewers for a keyframe as one", async () => {
    const program = await server();
    const all = await watchers(10, program.firstLine, "front", "h264");
    await eventually(() => expect(subscribers("h264")).toBe(2), PATIENCE_MS);
    publish("h264");
    await eventually(() => {
      for (const viewer of all) expect(viewer.sequences).toEqual([1]);
    }, PATIENCE_MS);
    for (const viewer of all) viewer.tell({ type: "keyframe", camera: "front", track: "h264" });
    await eventually(() => expect(wishes.length).toBeGreaterThan(0), PATIENCE_MS);
    publish("h264");
    await eventually(() => {
      for (const viewer of all) expect(viewer.sequences).toEqual([1, 2]);
    }, PATIENCE_MS);
    // One; or two where half a second went by between the two workers.
    expect(wishes.length).toBeLessThanOrEqual(2);
  });

  test("know the cameras before they answer, also one that takes the place of another", async () => {
    const program = await server();
    const viewer = await watch(program.firstLine, "front");
    await killOne(program, [viewer, ...(await watchers(1, program.firstLine, "front"))]);
    for (let n = 0; n < 6; n++) {
      const answer = await fetch(`${program.firstLine}/cameras`, { headers: { connection: "close" } });
      expect(await answer.json()).toHaveLength(1);
    }
  });

  test("serve without a mapper until it is there", async () => {
    controller.abort();
    await mapper.stopped;
    const program = await server();
    expect(await (await fetch(`${program.firstLine}/cameras`)).json()).toEqual([]);
  });
});

describe("up with two workers", () => {
  const up = (...args: string[]): Promise<Program> =>
    launch("up", "--workers", "2", "--port", "0", "--camera", SMALL, ...args);
  const flow = async (some: readonly TestViewer[]): Promise<void> => {
    const before = some.map(({ binaries }) => binaries.length);
    await eventually(() => {
      for (const [n, viewer] of some.entries())
        expect(viewer.binaries.length).toBeGreaterThan(before[n]! + 5);
    }, PATIENCE_MS);
  };

  test("shows the camera on one port, and says nothing else; stops with 1001 for all, and leaves nothing", async () => {
    const program = await up();
    await program.says(/test: .*\n/);
    const all = await watchers(6, program.firstLine, "test");
    await flow(all);
    const processes = [...workersOf(program), ...childrenOf(program.pid, "recorder-main")];
    expect(processes).toHaveLength(3);
    expect(await program.kill("SIGTERM")).toBe(0);
    await eventually(() => expect(all.map(({ closed }) => closed?.code)).toEqual(Array(6).fill(1001)));
    expect(processes.filter(lives)).toEqual([]);
    expect(program.stdout).toMatch(/^http:\/\/localhost:\d+\ntest: test:160x120@30, 160x120 at 30\/s\n$/);
    expect(program.stderr).toBe("");
  });

  test("leaves nothing behind when it is killed", async () => {
    const program = await up();
    const workers = workersOf(program);
    expect(workers).toHaveLength(2);
    const viewer = await watch(program.firstLine, "test");
    await flow([viewer]);
    await program.kill("SIGKILL");
    await eventually(() => expect(workers.filter(lives)).toEqual([]), PATIENCE_MS);
    await eventually(() => expect(viewer.closed?.code).toBe(1001));
  });

  test("has one token for all, and shows it to nobody", async () => {
    const program = await up("--host", "0.0.0.0");
    const link = new URL(program.firstLine);
    const token = link.searchParams.get("token") ?? "";
    const status = async (authorization?: string): Promise<number> => {
      const headers = { connection: "close", ...(authorization === undefined ? {} : { authorization }) };
      return (await fetch(`http://127.0.0.1:${link.port}/cameras`, { headers })).status;
    };
    for (let n = 0; n < 4; n++) {
      expect(await status()).toBe(401);
      expect(await status(`Bearer ${token}`)).toBe(200);
      const viewer = new TestViewer(`ws://127.0.0.1:${link.port}/ws`);
      await eventually(() => expect(viewer.closed).toBeDefined());
    }
    expect(execFileSync("ps", ["-eo", "args"]).toString()).not.toContain(token);
  });
});

test("a port in use ends with status 2 and one sentence", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = taken.address();
  const port = typeof address === "object" ? address?.port : 0;
  for (const command of ["up", "server"]) {
    const program = new Program([command, "--workers", "2", "--port", String(port)]);
    expect(await program.end()).toBe(2);
    expect(program.stderr).toBe(`hello-websocket: port ${port} is in use: expected a free one (--port)\n`);
    expect(program.stdout).toBe("");
  }
  taken.close();
});

test("auto is one per core", async () => {
  const program = await launch("server", "--workers", "auto", "--port", "0", "--mapper", "unix:/nowhere/at");
  const { availableParallelism } = await import("node:os");
  const cores = availableParallelism();
  expect(workersOf(program)).toHaveLength(cores === 1 ? 0 : cores);
});
