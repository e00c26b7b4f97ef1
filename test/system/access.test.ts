import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../support/eventually.ts";
import { Program } from "../support/program.ts";
import { TestViewer } from "../support/test-viewer.ts";

const PATIENCE_MS = 20_000;

/** Some tests start a program three times, and compare passwords. */
vi.setConfig({ testTimeout: 120_000 });

/** What a browser says that opens a page. */
const NAVIGATION = { redirect: "manual", headers: { accept: "text/html" } } as const;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "hello-access-"));
  ends.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A program that others can reach, and what its link says. */
async function start(
  state: string,
  ...args: string[]
): Promise<{ program: Program; base: string; token: string | undefined }> {
  const program = await Program.start(
    [
      "up",
      "--host",
      "0.0.0.0",
      "--port",
      "0",
      "--camera",
      "a=test:160x120@10",
      "--camera",
      "b=test:160x120@10",
      ...args,
    ],
    { HELLO_STATE: state },
  );
  ends.push(() => program[Symbol.asyncDispose]());
  const link = new URL(program.firstLine);
  await program.says(/a: .*\n/);
  await program.says(/b: .*\n/);
  return {
    program,
    base: `http://127.0.0.1:${link.port}`,
    token: link.searchParams.get("token") ?? undefined,
  };
}

interface Made {
  readonly id: string;
  readonly token: string;
}

/** An API of one admin. */
function admin(base: string, token: string) {
  const headers = {
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    connection: "close",
  };
  return {
    share: async (wish: Readonly<Record<string, unknown>>): Promise<Made> => {
      const body = JSON.stringify({ cameras: ["a"], seconds: 600, ...wish });
      const answer = await fetch(`${base}/shares`, { method: "POST", headers, body });
      expect(answer.status).toBe(201);
      return (await answer.json()) as Made;
    },
    list: async (): Promise<readonly { id: string; viewers: number }[]> =>
      (await (await fetch(`${base}/shares`, { headers })).json()) as readonly {
        id: string;
        viewers: number;
      }[],
    revoke: async (id: string): Promise<number> =>
      (await fetch(`${base}/shares/${id}`, { method: "DELETE", headers: bearer(token) })).status,
  };
}

const bearer = (token: string): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  connection: "close",
});

const socketOf = (base: string): string => `${base.replace("http", "ws")}/ws`;

describe.each([1, 2])("with %i workers", (workers) => {
  const many = ["--workers", String(workers)];

  test("a share link is for its cameras and so many viewers, whoever serves them; revoked, it ends them", async () => {
    const { base, token = "" } = await start(folder(), ...many);
    const { share, list, revoke } = admin(base, token);
    const made = await share({ maxViewers: 3 });
    const viewers: TestViewer[] = [];
    ends.push(() => viewers.map((viewer) => viewer.close()));
    for (let n = 0; n < 3; n++) {
      const viewer = await TestViewer.open(socketOf(base), undefined, bearer(made.token));
      viewer.tell({ type: "list" });
      viewer.tell({ type: "watch", camera: "b", track: "jpeg", window: 1 });
      viewer.tell({ type: "watch", camera: "a", track: "jpeg", window: 1 });
      viewers.push(viewer);
    }
    for (const viewer of viewers) {
      await eventually(() => expect(viewer.frames.length).toBeGreaterThan(0), PATIENCE_MS);
      const lists = viewer.messages.filter((message) => message.type === "cameras");
      expect(lists.map(({ cameras }) => cameras.map(({ id }) => id))).toEqual([["a"]]);
      expect(viewer.messages).toContainEqual({ type: "removed", camera: "b" });
      expect(viewer.messages[0]).toMatchObject({ type: "hello", version: 1, role: "view" });
    }
    for (let n = 0; n < 4; n++) {
      const late = new TestViewer(socketOf(base), undefined, bearer(made.token));
      await eventually(() => expect(late.closed?.code).toBe(4413));
      const picture = await fetch(`${base}/cameras/a/snapshot.jpg`, { headers: bearer(made.token) });
      expect(picture.status).toBe(503);
    }
    expect(await list()).toMatchObject([{ id: made.id, viewers: 3 }]);
    viewers.pop()?.close();
    await expect.poll(list, { timeout: PATIENCE_MS }).toMatchObject([{ viewers: 2 }]);
    const again = await TestViewer.open(socketOf(base), undefined, bearer(made.token));
    viewers.push(again);
    expect(await revoke(made.id)).toBe(204);
    for (const viewer of viewers) await eventually(() => expect(viewer.closed?.code).toBe(4401));
    for (let n = 0; n < 4; n++) {
      const { status } = await fetch(`${base}/cameras`, { headers: bearer(made.token) });
      expect(status).toBe(401);
    }
    expect(await list()).toEqual([]);
    expect(await revoke(made.id)).toBe(404);
  });

  test("a share link that ends, ends its viewers and streams", async () => {
    const { base, token = "" } = await start(folder(), ...many);
    const made = await admin(base, token).share({ seconds: 3 });
    const viewer = await TestViewer.open(socketOf(base), undefined, bearer(made.token));
    const stream = await fetch(`${base}/cameras/a/stream.mjpg`, { headers: bearer(made.token) });
    expect(stream.status).toBe(200);
    // It has no length: its end is the end of the connection.
    await stream.arrayBuffer();
    await eventually(() => expect(viewer.closed?.code).toBe(4401));
  });

  test("a session that is ended, is ended everywhere, with what is watched", async () => {
    const { base, token = "" } = await start(folder(), ...many);
    const link = await fetch(`${base}/?token=${token}`, NAVIGATION);
    expect(link.status).toBe(302);
    const cookie = link.headers.get("set-cookie")?.split(";")[0] ?? "";
    expect(cookie).not.toContain(token);
    const viewers = await Promise.all(
      [1, 2, 3].map(() => TestViewer.open(socketOf(base), undefined, { cookie })),
    );
    await fetch(`${base}/logout`, { method: "POST", headers: { cookie } });
    for (const viewer of viewers) await eventually(() => expect(viewer.closed?.code).toBe(4401));
    for (let n = 0; n < 4; n++) {
      expect((await fetch(`${base}/cameras`, { headers: { cookie, connection: "close" } })).status).toBe(401);
    }
  });

  test("who fails at one worker waits at all", async () => {
    const { base } = await start(folder(), ...many);
    const guess = async (): Promise<number> =>
      (await fetch(`${base}/cameras`, { headers: bearer("a-wrong-token") })).status;
    for (let n = 0; n < 10; n++) expect(await guess()).toBe(401);
    await expect
      .poll(async () => new Set(await Promise.all([1, 2, 3, 4].map(guess))))
      .toEqual(new Set([429]));
  });
});

test("a worker that dies gives back the places of its viewers", async () => {
  const { base, token = "", program } = await start(folder(), "--workers", "2");
  const { share, list } = admin(base, token);
  const made = await share({ maxViewers: 2 });
  for (let n = 0; n < 2; n++) await TestViewer.open(socketOf(base), undefined, bearer(made.token));
  expect(await list()).toMatchObject([{ viewers: 2 }]);
  const workers = execFileSync("pgrep", ["-P", String(program.pid), "-f", "worker-main"])
    .toString()
    .trim()
    .split("\n");
  expect(workers).toHaveLength(2);
  for (const worker of workers) process.kill(Number(worker), "SIGKILL");
  await expect
    .poll(() => list().catch(() => undefined), { timeout: PATIENCE_MS })
    .toMatchObject([{ id: made.id, viewers: 0 }]);
});

test("token, sessions and share links outlive the program; a revoked link stays revoked", async () => {
  const state = folder();
  const taken = await start(state);
  const port = new URL(taken.base).port;
  await taken.program.kill("SIGTERM");
  const first = await start(state, "--port", port);
  expect(first.program.firstLine).not.toContain("token");
  expect(first.program.stdout).toContain("`hello-websocket link` tells the link");
  const token = taken.token ?? "";
  const { share, revoke } = admin(first.base, token);
  const [kept, gone] = [await share({ name: "kept" }), await share({ name: "gone" })];
  expect(await revoke(gone.id)).toBe(204);
  const link = await fetch(`${first.base}/?token=${token}`, NAVIGATION);
  const cookie = link.headers.get("set-cookie")?.split(";")[0] ?? "";
  await first.program.kill("SIGTERM");
  for (const name of ["token", "key", `shares-${port}.json`]) {
    expect(statSync(join(state, name)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(state).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(state, `shares-${port}.json`), "utf8")).not.toContain(kept.token);
  const second = await start(state, "--port", port);
  expect((await fetch(`${second.base}/cameras`, { headers: { cookie } })).status).toBe(200);
  expect((await fetch(`${second.base}/cameras`, { headers: bearer(kept.token) })).status).toBe(200);
  expect((await fetch(`${second.base}/cameras`, { headers: bearer(gone.token) })).status).toBe(401);
});

test("a user of the config logs in, and may what the config says", async () => {
  const place = folder();
  const lines = await run(
    ["user", "add", "anna", "--role", "control", "--camera", "a"],
    "correct horse battery\n",
  );
  expect(lines.stderr).toBe("");
  expect(lines.stdout).not.toContain("correct horse");
  const config = join(place, "hello.yaml");
  writeFileSync(config, lines.stdout);
  const { base } = await start(join(place, "state"), "--config", config, "--workers", "2");
  const login = (password: string): Promise<Response> =>
    fetch(`${base}/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "anna", password }),
    });
  expect((await login("wrong horse battery")).status).toBe(401);
  const answer = await login("correct horse battery");
  expect(answer.status).toBe(204);
  const cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
  const headers = { cookie };
  const cameras = (await (await fetch(`${base}/cameras`, { headers })).json()) as readonly { id: string }[];
  expect(cameras.map(({ id }) => id)).toEqual(["a"]);
  expect((await fetch(`${base}/cameras/b`, { headers })).status).toBe(404);
  expect((await fetch(`${base}/shares`, { headers })).status).toBe(403);
  const put = { method: "PUT", headers: { ...headers, "content-type": "application/json" }, body: '{"x":1}' };
  expect((await fetch(`${base}/cameras/a/controls`, put)).status).toBe(409);
});

describe("state that cannot be trusted ends with status 2 and one sentence", () => {
  test("a link in the place of the folder, or of the token", async () => {
    const place = folder();
    symlinkSync(place, join(place, "link"));
    symlinkSync("/etc/hostname", join(place, "token"));
    for (const [state, sentence] of [
      [join(place, "link"), /link is a symbolic link: expected a folder of yours\n$/],
      [place, /token is a symbolic link: expected a file of yours\n$/],
    ] as const) {
      const program = new Program(["up", "--host", "0.0.0.0", "--port", "0"], { HELLO_STATE: state });
      expect(await program.end()).toBe(2);
      expect(program.stderr).toMatch(/^hello-websocket: [^\n]+\n$/);
      expect(program.stderr).toMatch(sentence);
    }
  });

  test.each([
    ["token", "short", /holds no token/],
    ["key", "short", /holds no key/],
    ["shares-0.json", "{", /is damaged: delete it/],
  ])("a damaged %s", async (name, text, sentence) => {
    const place = folder();
    writeFileSync(join(place, name), text, { mode: 0o600 });
    const program = new Program(["up", "--host", "0.0.0.0", "--port", "0"], { HELLO_STATE: place });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toMatch(sentence);
  });

  test("a token that others can read", async () => {
    const place = folder();
    writeFileSync(join(place, "token"), "a-token-for-tests", { mode: 0o644 });
    const program = new Program(["up", "--host", "0.0.0.0", "--port", "0"], { HELLO_STATE: place });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toMatch(/can be read by others: expected mode 0600/);
  });
});

test("a server of this machine alone keeps nothing", async () => {
  const place = join(folder(), "state");
  const program = await Program.start(["up", "--port", "0", "--camera", "a=test:160x120@5"], {
    HELLO_STATE: place,
  });
  ends.push(() => program[Symbol.asyncDispose]());
  expect(() => statSync(place)).toThrow(/ENOENT/);
});

test("link tells the link again, and makes another", async () => {
  const place = folder();
  const link = async (...args: string[]): Promise<string> =>
    (await run(["link", "--host", "0.0.0.0", ...args], "", { HELLO_STATE: place })).stdout;
  const first = await link();
  expect(first).toMatch(/^http:\/\/\S+:9000\/\?token=[\w-]{24}\n$/);
  expect(await link()).toBe(first);
  expect(await link("--new")).not.toBe(first);
});

/** Run a command with some input. */
async function run(
  args: readonly string[],
  input: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<{ stdout: string; stderr: string }> {
  const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, ...environment } });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  child.stdin.end(input);
  await new Promise((resolve) => child.once("close", resolve));
  return { stdout, stderr };
}
