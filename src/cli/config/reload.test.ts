import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Config, settle } from "../config.ts";
import { CAMERA_KEYS, Reload, SERVER_KEYS } from "./reload.ts";

let folder: string;
let path: string;
let reload: Reload;
let said: { level: string; line: string; facts?: object }[] = [];
const keep =
  (level: string) =>
  (first: object | string, second?: string): void => {
    if (typeof first === "string") said.push({ level, line: first });
    else said.push({ level, line: second ?? "", facts: first });
  };
const log = { info: keep("info"), warn: keep("warn"), error: keep("error") };
const lines = (level: string): string[] =>
  said.filter((entry) => entry.level === level).map(({ line }) => line.replaceAll(path, "F"));

const FIRST = "port: 1\ncameras:\n  a: 'test:'\n";
const write = (text: string): void => writeFileSync(path, text);
const open = async (flags: Record<string, unknown> = {}): Promise<void> => {
  const input = { flags: { config: path, ...flags }, environment: {} };
  reload = new Reload({ settled: await settle(input), read: () => settle(input), log });
};
/** The ids of the cameras that were handed on, one list for each time. */
const cameras = (check?: (config: Config) => void): string[][] => {
  const all: string[][] = [];
  reload.on(CAMERA_KEYS, (config) => void all.push(config.cameras.map(({ id }) => id)), check);
  return all;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-reload-"));
  path = join(folder, "hello.yaml");
  said = [];
  write(FIRST);
});
afterEach(() => {
  reload[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

test("what has changed is handed to who takes it, and nobody else hears of it", async () => {
  await open();
  const taken = cameras();
  const users: number[] = [];
  reload.on(["users"], (config) => void users.push(config.users.length));
  write(`${FIRST}  b: 'test:'\n`);
  await reload.now();
  expect(taken).toEqual([["a", "b"]]);
  expect(users).toEqual([]);
  expect(lines("info")).toEqual(["F was read again: cameras changed"]);
  // A setting of all cameras is one of each.
  write(`${FIRST}  b: 'test:'\nrate: 5\n`);
  await reload.now();
  expect(taken).toHaveLength(2);
  expect(lines("info")[1]).toBe("F was read again: cameras, rate changed");
});

test("the same in other words is no change", async () => {
  await open();
  const taken = cameras();
  write("cameras: { a: { source: 'test:', name: a } } # the same\nport: '1'\n");
  await reload.now();
  expect(taken).toEqual([]);
  expect(lines("info")).toEqual(["F was read again: nothing has changed"]);
  expect(lines("warn")).toEqual([]);
});

test("what cannot change is said to need a restart, once, and not when it is back", async () => {
  await open();
  const taken = cameras();
  reload.follow();
  write("port: 2\ntls: auto\ncameras:\n  b: 'test:'\n");
  await vi.waitFor(() => expect(taken).toEqual([["b"]]), { timeout: 20_000 });
  expect(lines("warn")).toEqual(["F: tls, port need a restart to take effect"]);
  write("port: 2\ntls: auto\ncameras:\n  c: 'test:'\n");
  await vi.waitFor(() => expect(taken).toHaveLength(2), { timeout: 20_000 });
  expect(lines("warn")).toHaveLength(1);
  write(FIRST);
  await vi.waitFor(() => expect(taken).toHaveLength(3), { timeout: 20_000 });
  expect(lines("warn")).toHaveLength(1);
}, 60_000);

test("what changes while the program starts is not missed", async () => {
  await open();
  const taken = cameras();
  write("cameras:\n  b: 'test:'\n");
  reload.follow();
  await vi.waitFor(() => expect(taken).toEqual([["b"]]), { timeout: 20_000 });
}, 30_000);

test("keys that mean nothing to a program are not spoken of", async () => {
  await open();
  reload.follow(SERVER_KEYS);
  write("port: 1\nrate: 5\ncameras:\n  b: 'test:'\n");
  await reload.now();
  expect(lines("warn")).toEqual([]);
});

test.each<[string, string, string]>([
  ["wrong", `${FIRST}  b: nonsense\nrate: fast\n`, "F:4:6: cameras.b: "],
  ["no YAML", "cameras: [", "F:1:11: this is not YAML: "],
  ["empty", "# nothing\n", "F is empty: expected settings"],
])("a file that is %s changes nothing, and is said with its place", async (_, text, beginning) => {
  await open();
  const taken = cameras();
  write(text);
  await reload.now();
  expect(taken).toEqual([]);
  expect(lines("error")[0]?.startsWith(beginning)).toBe(true);
  expect(lines("error").at(-1)).toBe("F is not taken: all stays as it was");
  write(`${FIRST}  b: 'test:'\n`);
  await reload.now();
  expect(taken).toEqual([["a", "b"]]);
});

test("a program reads the place of what is wrong in the log", async () => {
  await open();
  write(`${FIRST}  b: { source: 'test:', rate: fast }\n`);
  await reload.now();
  expect(said[0]?.facts).toEqual({ file: path, line: 4, column: 31, key: "cameras.b.rate" });
});

test("a file that is gone changes nothing, and is said", async () => {
  await open();
  const taken = cameras();
  rmSync(path);
  await reload.now();
  expect(lines("error")[0]).toBe("config F cannot be read: no such file or directory");
  expect(taken).toEqual([]);
  write(FIRST);
});

test("what one part refuses changes nothing of another", async () => {
  await open();
  const users: number[] = [];
  reload.on(["users"], (config) => void users.push(config.users.length));
  const { UsageError } = await import("../usage-error.ts");
  const taken = cameras(({ cameras: { length } }) => {
    if (length > 1) throw new UsageError("one camera, please");
  });
  write(`${FIRST}  b: 'test:'\nusers:\n  anna:\n    password: $scrypt$ln=4,r=8,p=1$AAAA$AAAA\n`);
  await reload.now();
  expect([taken, users]).toEqual([[], []]);
  expect(lines("error")).toContain("F is not taken: all stays as it was");
});

test("what fails is said, tried again with the next change, and keeps nothing else from changing", async () => {
  await open();
  let fails = true;
  const tried: number[] = [];
  reload.on(["cameras"], (config) => {
    tried.push(config.cameras.length);
    if (fails) throw new Error("no more processes");
  });
  write(`${FIRST}  b: 'test:'\n`);
  await reload.now();
  expect(lines("error")).toEqual(["cameras cannot be changed: no more processes"]);
  fails = false;
  await reload.now();
  expect(tried).toEqual([2, 2]);
  await reload.now();
  expect(tried).toEqual([2, 2]);
});

test("an option keeps what the file says otherwise", async () => {
  await open({ camera: ["z=test:"], port: "7" });
  const taken = cameras();
  write("port: 2\ncameras:\n  b: 'test:'\n");
  await reload.now();
  expect(taken).toEqual([]);
  expect(lines("warn")).toEqual([]);
});
