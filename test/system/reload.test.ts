import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { cheapHash, PASSWORD } from "../support/access-server.ts";
import { CountingViewer } from "../support/counting-viewer.ts";
import { startNats } from "../support/nats-server.ts";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";

const PATIENCE_MS = 30_000;
const VIEWERS = 100;
/** Frames that every viewer sees between one change of the file and the next. */
const FRAMES_BETWEEN = 10;

let folder: string;
let path: string;
const programs: Program[] = [];
const viewers: CountingViewer[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-reload-"));
  path = join(folder, "hello.yaml");
});
afterEach(async () => {
  for (const viewer of viewers.splice(0)) viewer.close();
  for (const program of programs.splice(0)) await program[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

type Fields = Readonly<Record<string, unknown>>;

/** Write the file: in its place, or, as most editors do, another one in the place of it. */
const write = (content: Fields | string, inPlace = false): void => {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  if (inPlace) writeFileSync(path, text);
  else {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
};
const launch = async (args: readonly string[], environment?: Record<string, string>): Promise<Program> => {
  const program = new Program(args, environment);
  programs.push(program);
  await program.says(/http:\S+\n/);
  return program;
};
const up = (...args: string[]): Promise<Program> =>
  launch(["up", "--port", "0", "--log-level", "info", "--config", path, ...args]);
const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: PATIENCE_MS, interval: 20 });
const cameras = async (program: Program): Promise<{ id: string; name: string; state: string }[]> =>
  (await fetch(`${program.firstLine}/cameras`)).json() as Promise<
    { id: string; name: string; state: string }[]
  >;
const ids = async (program: Program): Promise<string[]> => (await cameras(program)).map(({ id }) => id);
const shows = (program: Program, ...wanted: string[]): Promise<void> =>
  until(async () => expect((await ids(program)).sort()).toEqual(wanted));
const watch = (program: Program, camera: string, headers?: Record<string, string>): CountingViewer => {
  const viewer = new CountingViewer(`${program.firstLine.replace("http", "ws")}/ws`, camera, headers);
  viewers.push(viewer);
  return viewer;
};
/** Every one of them sees so many frames more. */
const see = async (some: readonly CountingViewer[], frames: number): Promise<void> => {
  const before = some.map((viewer) => viewer.frames);
  await until(() => {
    for (const [n, viewer] of some.entries())
      expect(viewer.frames).toBeGreaterThan((before[n] ?? 0) + frames);
  });
};

const A = "test:160x120@10";
const AB = { a: A, b: A };

describe.each([1, 2])("under 100 viewers of %i process(es)", (workers) => {
  test("the cameras that nothing is changed of lose no frame", { timeout: 180_000 }, async () => {
    write({ cameras: { ...AB, c: A } });
    const program = await up("--workers", String(workers));
    await shows(program, "a", "b", "c");
    const crowd = Array.from({ length: VIEWERS }, (_, n) => watch(program, n % 2 === 0 ? "a" : "b"));
    const other = watch(program, "c");
    await see([...crowd, other], FRAMES_BETWEEN);

    // Added.
    write({ cameras: { ...AB, c: A, d: A } });
    await shows(program, "a", "b", "c", "d");
    const added = watch(program, "d");
    await see([...crowd, other, added], FRAMES_BETWEEN);

    // Changed: its viewer stays, and sees it go on as another run.
    write({ cameras: { ...AB, c: { source: "test:320x240@20", name: "Sea" }, d: A } }, true);
    await until(async () => expect((await cameras(program)).find(({ id }) => id === "c")?.name).toBe("Sea"));
    await until(() => expect(other.counts.size).toBe(2));
    await see([...crowd, other, added], FRAMES_BETWEEN);

    // Wrong: nothing changes.
    write(`cameras:\n  a: ${A}\n  e: nonsense\nrate: fast\n`);
    await program.says(/hello\.yaml:3:6: cameras\.e: .*\n.*hello\.yaml:4:7: rate: /);
    await program.says(/is not taken: all stays as it was/);
    await shows(program, "a", "b", "c", "d");
    await see([...crowd, other, added], FRAMES_BETWEEN);

    // Removed: its viewers are told.
    write({ cameras: AB });
    await shows(program, "a", "b");
    await until(() => expect(other.messages.at(-1)).toEqual({ type: "removed", camera: "c" }));
    await until(() => expect(added.messages.at(-1)).toEqual({ type: "removed", camera: "d" }));
    await see(crowd, FRAMES_BETWEEN);

    // There again: who still waits for it sees it again.
    write({ cameras: { ...AB, c: A }, dropIn: false });
    await until(() => expect(other.counts.size).toBe(3));
    await program.says(/hello\.yaml: dropIn needs a restart to take effect/);
    process.kill(program.pid, "SIGHUP");
    await program.says(/dropIn needs a restart[\s\S]*dropIn needs a restart/);
    await see([...crowd, other], FRAMES_BETWEEN);

    expect(crowd.map(({ closed }) => closed)).toEqual(Array(VIEWERS).fill(undefined));
    // One run of the recorder for all, from the first frame to the last.
    expect(new Set(crowd.map(({ counts }) => counts.size))).toEqual(new Set([1]));
    expect(crowd.reduce((sum, { missing }) => sum + missing, 0)).toBe(0);
    expect(other.closed).toBeUndefined();
  });

  test("users are changed at once", { timeout: 120_000 }, async () => {
    const password = cheapHash(PASSWORD);
    const anna = { password };
    const basic = (name: string): Record<string, string> => ({
      authorization: `Basic ${Buffer.from(`${name}:${PASSWORD}`).toString("base64")}`,
    });
    write({ cameras: AB });
    const program = await up("--workers", String(workers));
    const anybody = watch(program, "a");
    await see([anybody], 3);
    // The first one: from now on everybody is asked.
    write({ cameras: AB, users: { anna, bo: { password } } });
    await until(() => expect(anybody.closed).toBe(4401));
    const status = async (headers: Record<string, string> = {}): Promise<number> =>
      (await fetch(`${program.firstLine}/cameras`, { headers: { ...headers, connection: "close" } })).status;
    for (let n = 0; n < 2 * workers; n++) {
      expect(await status()).toBe(401);
      expect(await status(basic("anna"))).toBe(200);
    }
    const both = [watch(program, "a", basic("anna")), watch(program, "a", basic("bo"))] as const;
    await see(both, 3);
    // One is no user any more, and what the other may stays the same.
    write({ cameras: AB, users: { bo: { password } } });
    await until(() => expect(both[0].closed).toBe(4401));
    expect(await status(basic("anna"))).toBe(401);
    // Another role.
    expect(both[1].closed).toBeUndefined();
    write({ cameras: AB, users: { bo: { password, cameras: ["b"] } } });
    await until(() => expect(both[1].closed).toBe(4401));
    const answer = await fetch(`${program.firstLine}/cameras`, { headers: basic("bo") });
    expect(((await answer.json()) as { id: string }[]).map(({ id }) => id)).toEqual(["b"]);
    // Nobody is left, and nobody is let in for it.
    write({ cameras: AB });
    await program.says(/nobody can log in now/);
    for (let n = 0; n < 2 * workers; n++) expect(await status()).toBe(401);
  });
});

test("cameras that are plugged in give way to named ones, and come back", { timeout: 120_000 }, async () => {
  write({ rate: 10 });
  const program = await up();
  await until(async () => expect(await ids(program)).not.toEqual([]));
  const plugged = (await ids(program)).sort();
  write({ rate: 10, cameras: { front: A } });
  await shows(program, "front");
  write({ rate: 10 });
  await shows(program, ...plugged);
});

describe("at a mapper elsewhere", () => {
  const server = (mapper: string): Promise<Program> => launch(["server", "--port", "0", "--mapper", mapper]);

  /** What is removed from `up` is listed nowhere any longer; the same for a recorder that is to record another camera. */
  async function removes(mapper: string): Promise<void> {
    write({ cameras: { a: A, b: A, broken: "/dev/video99" } });
    const shown = await server(mapper);
    const program = await up("--mapper", mapper);
    await shows(shown, "a", "b", "broken");
    write({ cameras: { a: A } });
    await shows(shown, "a");
    await shows(program, "a");
    write({ cameras: { a: A, b: A } });
    await shows(shown, "a", "b");
    const own = join(folder, "recorder.yaml");
    writeFileSync(own, JSON.stringify({ cameras: { c: A } }));
    programs.push(new Program(["recorder", "--mapper", mapper, "--config", own]));
    await shows(shown, "a", "b", "c");
    writeFileSync(own, JSON.stringify({ cameras: { d: A } }));
    await shows(shown, "a", "b", "d");
  }

  test("a camera that is removed is listed nowhere", { timeout: 120_000 }, async () => {
    const mapper = `unix:${join(folder, "mapper.sock")}`;
    const program = new Program(["mapper", "--mapper", mapper]);
    programs.push(program);
    await program.says(/mapper: /);
    await removes(mapper);
  });

  test.skipIf(!has("nats-server", "--version"))("nor on NATS", { timeout: 120_000 }, async () => {
    const nats = await startNats();
    try {
      await removes(nats.url);
    } finally {
      await nats.stop();
    }
  });
});

test("a recorder that is given two cameras goes on with its own, and says why", {
  timeout: 60_000,
}, async () => {
  const mapper = `unix:${join(folder, "mapper.sock")}`;
  const hub = new Program(["mapper", "--mapper", mapper]);
  programs.push(hub);
  await hub.says(/mapper: /);
  const shown = await launch(["server", "--port", "0", "--mapper", mapper]);
  write({ cameras: { a: A } });
  const recorder = new Program(["recorder", "--mapper", mapper, "--config", path]);
  programs.push(recorder);
  await shows(shown, "a");
  write({ cameras: { b: A, c: A } });
  await recorder.says(/a recorder serves one camera/);
  await recorder.says(/is not taken/);
  await shows(shown, "a");
});

test("without a file, SIGHUP is no end", async () => {
  const program = await launch(["up", "--port", "0", "--log-level", "info", "--camera", `a=${A}`]);
  process.kill(program.pid, "SIGHUP");
  await program.says(/there is no config file to read again/);
  await shows(program, "a");
});
