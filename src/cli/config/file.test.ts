import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Faults } from "./faults.ts";
import { type ConfigFile, readConfigFile } from "./file.ts";

const HASH = "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-config-"));
  path = join(folder, "hello.yaml");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The file, or what is wrong with it, each line without the path. */
async function read(text: string): Promise<ConfigFile | readonly string[]> {
  writeFileSync(path, text);
  const faults = new Faults();
  const file = await readConfigFile(path, faults);
  try {
    faults.check();
    return file;
  } catch (error) {
    return (error as Error).message.split("\n").map((line) => line.replace(`${path}:`, ""));
  }
}

test("a file is read, with the place of everything", async () => {
  const file = (await read(
    `port: "9001"\ntls: off\ncameras:\n  front: "test:"\n  yard:\n    rate: 5\n    source: "test:"\n    name: The yard\nusers:\n  anna: { password: "${HASH}" }\n  bo: { password: "${HASH}", role: control, cameras: [front] }\n`,
  )) as ConfigFile;
  expect(file.settings.get("port")).toEqual({
    value: 9001,
    written: "9001",
    place: { file: path, line: 1, column: 1 },
  });
  expect(file.settings.get("tls")?.value).toBe("off");
  expect(file.cameras?.map(({ value }) => value)).toEqual([
    { id: "front", name: "front", source: "test:" },
    { id: "yard", name: "The yard", source: "test:", rate: 5 },
  ]);
  expect(file.cameras?.map(({ place }) => place.line)).toEqual([4, 5]);
  expect(file.cameras?.[1]?.fields.get("rate")).toEqual({
    written: 5,
    place: { file: path, line: 6, column: 5 },
  });
  expect(file.users.map(({ value }) => value)).toEqual([
    { name: "anna", password: HASH, role: "view" },
    { name: "bo", password: HASH, role: "control", cameras: ["front"] },
  ]);
  expect(file.users[1]?.place.line).toBe(11);
});

test("an anchor may be used again", async () => {
  const file = (await read("cameras:\n  a: &one { source: 'test:', rate: 5 }\n  b: *one\n")) as ConfigFile;
  expect(file.cameras?.[1]?.value).toEqual({ id: "b", name: "b", source: "test:", rate: 5 });
});

test.each<[string, string, readonly (string | RegExp)[]]>([
  ["no YAML", "port: 1\na: [", [/^2:5: this is not YAML: [^"]*$/]],
  [
    "a source with a colon at its end",
    "cameras:\n  front: test:\n  yard: test:640x360",
    [/^2:10: this is not YAML: .*; a value that ends in a colon stands in quotes$/],
  ],
  [
    "such a source among other settings",
    "cameras:\n  front: { source: test:, rate: 5 }",
    [/^2:\d+: this is not YAML: .*; a value that ends in a colon stands in quotes$/],
  ],
  ["a tab", "a:\n\tb: 1", [/^2:1: this is not YAML: /]],
  ["two documents", "port: 1\n---\nport: 2", [/this is not YAML: .*multiple documents/]],
  ["a list", "- a", ["1:1: expected a mapping from key to value"]],
  ["a word", "port", ["1:1: expected a mapping from key to value"]],
  ["a key twice", "port: 1\nhost: a\nport: 2", ["3:1: this key is there twice: expected every key once"]],
  ["an unknown key", "prot: 1", ['1:1: unknown key "prot": did you mean "port"?']],
  ["a strange key", "colour: 1", [/^1:1: unknown key "colour": expected cameras, users, tls, .*, always$/]],
  ["a wrong value", "port:   many", [/^1:9: port: "many" is not right: expected a whole number from 0 to/]],
  ["no value", "port:", ["1:1: port: no value is not right: expected a whole number from 0 to 65535"]],
  ["a list for a number", "port: [1]", [/^1:7: port: a list is not right: expected a whole/]],
  ["a mapping for a text", "host: { a: 1 }", [/^1:7: host: a mapping is not right: expected an address/]],
  ["half a port", "port: 1.5", [/^1:7: port: 1.5 is not right/]],
  ["cameras that are a list", "cameras:\n  - test:", ["2:3: cameras: expected a mapping from id to camera"]],
  ["no cameras", "cameras:", ["1:1: cameras: expected a mapping from id to camera"]],
  ["a bad id", "cameras:\n  Front: 'test:'", [/^2:3: cameras\.Front: expected an id of up to 63 small/]],
  ["no source", "cameras:\n  a: { rate: 5 }", ["2:3: cameras.a: expected a source, such as /dev/video0"]],
  [
    "a source that is none",
    "cameras:\n  a: nonsense",
    [/^2:6: cameras\.a: "nonsense" is not a source; expected/],
  ],
  [
    "a number for a name",
    "cameras:\n  a: { source: 'test:', name: 5 }",
    [/^2:31: cameras\.a\.name: 5 is not right/],
  ],
  [
    "a wrong setting",
    "cameras:\n  a: { source: 'test:', rate: fast }",
    [/^2:31: cameras\.a\.rate: "fast" is not right/],
  ],
  [
    "an unknown setting",
    "cameras:\n  a: { source: 'test:', siz: 1x1 }",
    ['2:25: cameras.a: unknown key "siz": did you mean "size"?'],
  ],
  ["an alias without end", "cameras: &a\n  a: *a", [/^1:1: its aliases are not right|^2:6: cameras/]],
  [
    "many aliases of aliases",
    `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [${"*a,".repeat(9)}]\nc: &c [${"*b,".repeat(9)}]\nd: [${"*c,".repeat(9)}]`,
    ["1:1: its aliases are not right: expected few, each after its anchor"],
  ],
])("%s is refused with its place", async (_, text, sentences) => {
  const said = (await read(text)) as readonly string[];
  expect(said).toHaveLength(sentences.length);
  for (const [n, sentence] of sentences.entries()) {
    if (typeof sentence === "string") expect(said[n]).toBe(sentence);
    else expect(said[n]).toMatch(sentence);
  }
});

describe("users", () => {
  const ADD = "expected what `hello-websocket user add NAME` prints, never the password itself";
  test.each<[string, string, string]>([
    ["a list", "users: [anna]", "1:8: users: expected a mapping from name to user"],
    [
      "a bad name",
      `users:\n  an na: { password: "${HASH}" }`,
      "2:3: users: expected names of up to 64 letters, digits and . _ @ -, beginning with a letter or digit",
    ],
    ["no password", "users:\n  anna: {}", `2:3: users.anna: it has no password: ${ADD}`],
    [
      "a plain password",
      "users:\n  anna: { password: hunter2! }",
      `2:21: users.anna.password: the value is not right: ${ADD}`,
    ],
    [
      "an unknown role",
      `users:\n  anna: { password: "${HASH}", role: root }`,
      "users.anna.role: the value is not right: expected view, control, publish, admin",
    ],
    [
      "no camera",
      `users:\n  anna: { password: "${HASH}", cameras: [] }`,
      'users.anna.cameras: the value is not right: expected ids of cameras, such as ["front"], or none for all of them',
    ],
    [
      "an unknown key",
      `users:\n  anna: { password: "${HASH}", rol: view }`,
      'users.anna: unknown key "rol": did you mean "role"?',
    ],
    [
      "a text for a user",
      "users:\n  anna: hunter2!",
      "2:3: users.anna: expected password, and role and cameras if need be",
    ],
    [
      "an admin of one camera",
      `users:\n  anna: { password: "${HASH}", role: admin, cameras: [a] }`,
      "users.anna: an admin has all cameras: expected no cameras, or another role",
    ],
    ["a password for a name", "users:\n  hunter2!: { role: view }", "2:3: users: expected names of"],
  ])("%s is refused in a sentence that repeats no password", async (_, text, sentence) => {
    const said = (await read(text)) as readonly string[];
    expect(said).toHaveLength(1);
    expect(said[0]).toContain(sentence);
    expect(said[0]).not.toMatch(/hunter2/);
  });
});

test("all that is wrong is told at once, in the order of the file", async () => {
  const said = (await read(
    "users: { a: {} }\nprot: 1\ncameras:\n  a: { rate: 0, source: 'test:' }\n  b: { source: '' }\nport: x\n",
  )) as readonly string[];
  expect(said.map((line) => line.split(":")[0])).toEqual(["1", "2", "4", "5", "6"]);
});

test("no secret is repeated", async () => {
  const said = (await read(
    "token: sh+rt-secret\nmapper: nats://user:pa55word@host:x\nsize: rtsp://u:pa55word@h/\nrate: $pa55word\n",
  )) as readonly string[];
  expect(said).toHaveLength(4);
  for (const line of said) expect(line).not.toMatch(/secret|pa55word/);
});

test.each([
  ["ends in a colon", "hunter2:"],
  ["ends in a colon, among others", "{ a: hunter2: }"],
  ["begins as a block of text does", "|hunter2"],
  ["begins as a tag does", "!a!hunter2 b"],
  ["is a tag that ends early", "!hunter2! b"],
  ["has a backslash between quotes", '"\\u2hunter2"'],
])("no secret is repeated that %s, and so is no YAML", async (_, secret) => {
  const said = (await read(`port: 1\ntoken: ${secret}\n`)) as readonly string[];
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^2:\d+: this is not YAML: \w/);
  expect(said[0]).not.toMatch(/hun/);
});

test("a file that is not there is a sentence", async () => {
  await expect(readConfigFile("/nowhere/at.yaml", new Faults())).rejects.toThrow(
    "config /nowhere/at.yaml cannot be read: no such file or directory",
  );
});
