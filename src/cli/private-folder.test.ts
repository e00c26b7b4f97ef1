import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { PrivateFolder } from "./private-folder.ts";
import { statePath } from "./state-folder.ts";

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "hello-private-"));
});
afterEach(() => rmSync(place, { recursive: true }));

const isRoot = process.getuid?.() === 0;

test("a folder is made for this user alone, and so are its files", () => {
  const folder = PrivateFolder.open(join(place, "deep", "state"));
  expect(folder.read("a")).toBeUndefined();
  folder.write("a", "one");
  folder.write("a", "two");
  expect(folder.read("a")).toBe("two");
  expect(statSync(join(place, "deep", "state")).mode & 0o777).toBe(0o700);
  expect(statSync(folder.path("a")).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(place, "deep", "state"))).toEqual(["a"]);
});

test("a folder of one's own that others can read is closed", () => {
  mkdirSync(join(place, "wide"));
  chmodSync(join(place, "wide"), 0o755);
  PrivateFolder.open(join(place, "wide"));
  expect(statSync(join(place, "wide")).mode & 0o777).toBe(0o700);
});

test("links are not followed, neither to read nor to write", () => {
  writeFileSync(join(place, "victim"), "precious");
  symlinkSync(place, join(place, "link"));
  expect(() => PrivateFolder.open(join(place, "link"))).toThrow(
    /link is a symbolic link: expected a folder of yours/,
  );
  const folder = PrivateFolder.open(join(place, "state"));
  symlinkSync(join(place, "victim"), folder.path("token"));
  expect(() => folder.read("token")).toThrow(/token is a symbolic link: expected a file of yours/);
  symlinkSync(join(place, "victim"), `${folder.path("token")}.${process.pid}`);
  folder.write("token", "new");
  expect(readFileSync(join(place, "victim"), "utf8")).toBe("precious");
  expect(folder.read("token")).toBe("new");
});

test("what is no file, or can be read by others, is refused", () => {
  const folder = PrivateFolder.open(place);
  mkdirSync(folder.path("token"));
  expect(() => folder.read("token")).toThrow(/token is no file/);
  writeFileSync(folder.path("key"), "secret");
  chmodSync(folder.path("key"), 0o640);
  expect(() => folder.read("key")).toThrow(/key can be read by others: expected mode 0600/);
  writeFileSync(join(place, "file"), "");
  expect(() => PrivateFolder.open(join(place, "file"))).toThrow(
    /file cannot be made: file already exists|is no folder/,
  );
});

// Another user's files are only made by root.
test.runIf(isRoot)("another user's folder and files are refused", () => {
  const folder = PrivateFolder.open(join(place, "state"));
  folder.write("token", "a");
  chownSync(folder.path("token"), 65_534, 65_534);
  expect(() => folder.read("token")).toThrow(
    /token belongs to another user \(65534\): expected one of yours \(0\)/,
  );
  chownSync(join(place, "state"), 65_534, 65_534);
  expect(() => PrivateFolder.open(join(place, "state"))).toThrow(/belongs to another user/);
});

test.each([
  [{ HELLO_STATE: "/s", XDG_STATE_HOME: "/x" }, "linux", "/s"],
  [{ XDG_STATE_HOME: "/x" }, "linux", "/x/hello-websocket"],
  [{ HELLO_STATE: "", XDG_STATE_HOME: "" }, "linux", "/home/u/.local/state/hello-websocket"],
  [{}, "darwin", "/home/u/Library/Application Support/hello-websocket"],
  [{ LOCALAPPDATA: "/l" }, "win32", "/l/hello-websocket"],
] as const)("with %j on %s it is %s", (environment, platform, path) => {
  expect(statePath(environment, platform, "/home/u")).toBe(path);
});
