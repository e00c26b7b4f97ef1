import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { descendants } from "../support/processes.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";
import { has } from "../support/tools.ts";

const PATIENCE_MS = 20_000;
const SMALL = "test=test:160x120@30";

let folder: string;
let place: string[];
const programs: Program[] = [];
const viewers: TestViewer[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-programs-"));
  place = ["--mapper", `unix:${join(folder, "mapper.sock")}`];
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const program of programs.splice(0)) await program.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const launch = (args: string[], environment?: Record<string, string>): Program => {
  const program = new Program(args, environment);
  programs.push(program);
  return program;
};
const up = async (...args: string[]): Promise<Program> => {
  const program = launch(["up", "--port", "0", ...args]);
  await program.says(/http:\S+\n/);
  return program;
};
const watch = async (address: string, camera = "test"): Promise<TestViewer> => {
  const viewer = await TestViewer.open(`${address.replace("http", "ws")}/ws`);
  viewers.push(viewer);
  // As a browser does: acknowledge what came.
  viewer.socket.on("message", (_, isBinary: boolean) => {
    if (isBinary) viewer.acknowledge(viewer.frames.at(-1)?.sequence ?? 0, 2);
  });
  viewer.tell({ type: "watch", camera, track: "jpeg", window: 2 });
  return viewer;
};
/** Frames come, now. */
const flows = async (viewer: TestViewer): Promise<void> => {
  const before = viewer.binaries.length;
  await eventually(() => expect(viewer.binaries.length).toBeGreaterThan(before + 5), PATIENCE_MS);
};
const childrenOf = (pid: number): number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, "utf8").split(") ")[1]?.split(" ")[1] === String(pid);
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
const end = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
};

describe("up", () => {
  test("says the address and the camera with its size and rate, and nothing else; Ctrl-C ends it", async () => {
    const program = await up("--camera", SMALL);
    await program.says(/test: .*\n/);
    expect(program.stdout).toMatch(/^http:\/\/localhost:\d+\ntest: test:160x120@30, 160x120 at 30\/s\n$/);
    expect(program.stderr).toBe("");
    expect(await program.kill("SIGINT")).toBe(0);
    expect(program.stderr).toBe("");
  });

  test("takes the test picture where no camera is plugged in", async () => {
    const program = await up();
    const viewer = await watch(program.firstLine, "test");
    await flows(viewer);
    expect(Buffer.from(viewer.frames[0]?.payload ?? []).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));
  });

  test("takes all from a config file, and a flag wins over a variable over the file", async () => {
    const config = join(folder, "hello.yaml");
    writeFileSync(
      config,
      "port: 1\nlogLevel: error\ncameras:\n  one: test:160x120@5\n  two: { source: 'test:', size: 64x64, name: Second }\n",
    );
    const program = launch(["--config", config, "--port", "0"], { HELLO_PORT: "2" });
    await program.says(/http:\S+\n/);
    const cameras = async (): Promise<Record<string, unknown>[]> =>
      (await (await fetch(`${program.firstLine}/cameras`)).json()) as Record<string, unknown>[];
    await expect.poll(cameras, { timeout: PATIENCE_MS }).toMatchObject([
      { id: "one", name: "one", state: "live", tracks: [{ name: "jpeg", rate: 5 }, { name: "h264" }] },
      {
        id: "two",
        name: "Second",
        state: "live",
        tracks: [{ name: "jpeg", width: 64, height: 64 }, { name: "h264" }],
      },
    ]);
  });

  test("starts a recorder again that was killed, while its viewers stay", async () => {
    const program = await up("--camera", SMALL);
    const viewer = await watch(program.firstLine);
    await flows(viewer);
    const [recorder = 0] = childrenOf(program.pid);
    process.kill(recorder, "SIGKILL");
    await program.says(/test: its recorder has ended \(SIGKILL\); it is started again/);
    await eventually(
      () => expect(viewer.messages.filter(({ type }) => type === "watching")).toHaveLength(2),
      PATIENCE_MS,
    );
    await flows(viewer);
    const states = viewer.messages.flatMap((message) =>
      message.type === "camera" ? [message.camera.state] : [],
    );
    expect(states).toContain("gone");
    expect(states.at(-1)).toBe("live");
    expect(viewer.closed).toBeUndefined();
  });

  test("leaves no recorder behind, not even when it is killed", async () => {
    const program = await up("--camera", SMALL);
    await program.says(/test: .*\n/);
    const recorders = childrenOf(program.pid);
    expect(recorders).toHaveLength(1);
    await program.kill("SIGKILL");
    await eventually(() => expect(recorders.filter(lives)).toEqual([]), PATIENCE_MS);
  });

  test.skipIf(!has("make", "--version"))("ends with the make that started it", async () => {
    // As after an installation, which is not due again for a lock file that a checkout has touched.
    // One make below another would say first which folder it is in.
    const make = ["make", "--no-print-directory", "--assume-old=node_modules/.installed", "run"];
    const program = new Program([`ARGS=up --port 0 --camera '${SMALL}#rate=5'`], {}, make);
    programs.push(program);
    const answers = (): Promise<boolean> =>
      fetch(`${program.firstLine}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    let below: readonly number[] = [];
    try {
      await program.says(/test: .* at 5\/s\n/).finally(() => {
        below = [...descendants(program.pid).keys()];
      });
      expect(await answers()).toBe(true);
      await program.kill("SIGTERM");
      await eventually(async () => expect(await answers()).toBe(false), PATIENCE_MS);
    } finally {
      // A server that does not end with its make is nobody's child then: no other test ends it.
      for (const pid of below) end(pid);
    }
  });

  test("says why a camera cannot be opened, once, and serves the others", async () => {
    const program = await up("--camera", "gone=/dev/video99", "--camera", SMALL);
    await program.says(/gone: cannot open \/dev\/video99: no such file or directory; trying again/);
    await flows(await watch(program.firstLine));
    expect(program.stderr.match(/video99/g)).toHaveLength(1);
    const camera = await (await fetch(`${program.firstLine}/cameras/gone`)).json();
    expect(camera).toMatchObject({
      state: "gone",
      reason: expect.stringContaining("no such file or directory"),
    });
    expect((await fetch(`${program.firstLine}/cameras/gone/snapshot.jpg?strict`)).status).toBe(503);
  });

  test("shows no password, anywhere", async () => {
    const program = await up("--camera", "a=http://user:hunter2@127.0.0.1:1/video?token=hunter2");
    await program.says(/a: .*; trying again/);
    const answers = await Promise.all(
      ["/cameras", "/cameras/a", "/cameras/a/snapshot.jpg"].map(async (path) =>
        (await fetch(program.firstLine + path)).text(),
      ),
    );
    const processes = execFileSync("ps", ["-eo", "args"])
      .toString()
      .split("\n")
      .filter((line) => / recorder/.test(line));
    expect([...answers, ...processes, program.stdout, program.stderr].join("\n")).not.toContain("hunter2");
  });

  test("on an address that others reach asks for the token that it made", async () => {
    const program = await up("--host", "0.0.0.0", "--camera", SMALL);
    const link = new URL(program.firstLine);
    const token = link.searchParams.get("token") ?? "";
    expect(token.length).toBeGreaterThanOrEqual(24);
    const address = `http://127.0.0.1:${link.port}/cameras`;
    expect((await fetch(address)).status).toBe(401);
    expect((await fetch(address, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
  });

  test("closes the camera's viewers with 1001 when it stops", async () => {
    const program = await up("--camera", SMALL);
    const viewer = await watch(program.firstLine);
    await flows(viewer);
    expect(await program.kill("SIGTERM")).toBe(0);
    await eventually(() => expect(viewer.closed?.code).toBe(1001));
  });
});

describe("mapper, recorder and server, each alone", () => {
  const start = {
    mapper: () => launch(["mapper", ...place]),
    recorder: () => launch(["recorder", "--camera", SMALL, ...place]),
    server: (port = "0") => launch(["server", "--port", port, ...place]),
  };
  const started = async (program: Program): Promise<Program> => {
    await program.says(/\n/);
    return program;
  };

  test.each([
    ["mapper", "recorder", "server"],
    ["server", "recorder", "mapper"],
    ["recorder", "server", "mapper"],
  ] as const)("started as %s, %s, %s carry a picture", async (...order) => {
    const running: Partial<Record<keyof typeof start, Program>> = {};
    for (const name of order) {
      running[name] = start[name]();
      // A program that has said something has tried its mapper, or is one.
      if (name !== "recorder") await running[name].says(/\n/);
    }
    // A server that found no mapper has said that first.
    await running.server?.says(/http:\S+\n/);
    await flows(await watch(running.server?.firstLine ?? ""));
  });

  test("a mapper that is killed and started again: viewers stay, the picture comes back", async () => {
    const mapper = await started(start.mapper());
    const server = await started(start.server());
    start.recorder();
    const viewer = await watch(server.firstLine);
    await flows(viewer);
    await mapper.kill("SIGKILL");
    await eventually(
      () =>
        expect(viewer.messages.at(-1)).toMatchObject({
          camera: { state: "gone", reason: "no connection to the mapper" },
        }),
      PATIENCE_MS,
    );
    start.mapper();
    await flows(viewer);
    expect(viewer.closed).toBeUndefined();
  });

  test("a recorder that is killed and started again: viewers stay, the picture comes back", async () => {
    await started(start.mapper());
    const server = await started(start.server());
    const recorder = start.recorder();
    const viewer = await watch(server.firstLine);
    await flows(viewer);
    await recorder.kill("SIGKILL");
    await eventually(
      () =>
        expect(viewer.messages.at(-1)).toMatchObject({
          camera: { state: "gone", reason: "its recorder has ended" },
        }),
      PATIENCE_MS,
    );
    start.recorder();
    await flows(viewer);
    expect(viewer.closed).toBeUndefined();
  });

  test("a server that is killed and started again serves on the same port", async () => {
    await started(start.mapper());
    const server = await started(start.server());
    start.recorder();
    await flows(await watch(server.firstLine));
    await server.kill("SIGKILL");
    const again = await started(start.server(new URL(server.firstLine).port));
    await flows(await watch(again.firstLine));
  });

  test("a second mapper on the same address ends with a sentence", async () => {
    await started(start.mapper());
    const second = start.mapper();
    expect(await second.end()).toBe(2);
    expect(second.stderr).toMatch(/^hello-websocket: another mapper is listening on unix:\S+\n$/);
  });

  test("each ends with status 0 when asked", async () => {
    const all = [await started(start.mapper()), await started(start.server()), start.recorder()];
    await flows(await watch(all[1]?.firstLine ?? ""));
    for (const program of all.reverse()) expect(await program.kill("SIGTERM")).toBe(0);
  });
});
