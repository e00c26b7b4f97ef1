import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-command-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

describe("a wrong option ends with status 2 and one sentence", () => {
  test.each<[string, string[], RegExp]>([
    ["unknown", ["--frobnicate"], /unknown option '--frobnicate'/],
    ["a bad port", ["--port", "x"], /--port: "x" is not right: expected a whole number from 0 to 65535/],
    ["a port too high", ["--port", "65536"], /--port: "65536" is not right/],
    ["a bad camera id", ["--camera", "Front=test:"], /--camera: expected ID=SOURCE/],
    ["an id with no source", ["--camera", "front="], /camera front has no source/],
    ["a camera twice", ["--camera", "a=test:", "--camera", "a=test:"], /camera a is named twice/],
    ["a source that is none", ["--camera", "a=nonsense"], /camera a: "nonsense" is not a source; expected/],
    ["a test picture too large", ["--camera", "a=test:9999x9999"], /camera a: the size/],
    ["a setting that is none", ["--camera", "a=test:#fps=3"], /unknown key "fps": expected size, rate/],
    ["a bad size", ["--size", "big"], /--size: "big" is not right: expected WIDTHxHEIGHT/],
    ["a bad rate", ["--rate", "0"], /--rate: "0" is not right: expected frames per second/],
    ["a bad quality", ["--quality", "101"], /--quality: "101" is not right/],
    [
      "no workers",
      ["--workers", "0"],
      /--workers: "0" is not right: expected a whole number from 1 to 64, or auto/,
    ],
    [
      "a word for workers",
      ["server", "--workers", "many"],
      /--workers: "many" is not right: expected a whole/,
    ],
    ["half a worker", ["--workers", "1.5"], /--workers: "1.5" is not right/],
    ["a mapper elsewhere", ["server", "--mapper", "tcp://192.0.2.1:1"], /--mapper: .* on this machine/],
    [
      "no config file",
      ["--config", "/nowhere/at.yaml"],
      /config \/nowhere\/at.yaml cannot be read: no such file or directory/,
    ],
    ["a word too many", ["link", "now"], /too many arguments/],
    ["a command misspelt", ["camera"], /unknown command "camera": did you mean "cameras"\?/],
    ["a camera without its option", ["a=test:"], /unknown command "a=test:": a camera is named as --camera/],
    ["a command for users that is none", ["user", "remove", "anna"], /user: expected add NAME/],
    [
      "two cameras for one recorder",
      ["recorder", "--camera", "a=test:", "--camera", "b=test:"],
      /one camera/,
    ],
  ])("%s", async (_, args, sentence) => {
    const program = new Program(args);
    expect(await program.end()).toBe(2);
    expect(program.stderr).toMatch(/^hello-websocket: [^\n]+\n$/);
    expect(program.stderr).toMatch(sentence);
    expect(program.stdout).toBe("");
  });

  test("in a config file, with the line, all of it at once", async () => {
    const path = file(
      "wrong.yaml",
      "prot: 9000\nport: many\ncameras:\n  front: { source: 'test:', rate: fast }\n",
    );
    for (const args of [
      ["--config", path],
      ["config", "--check", path],
      ["config", "--config", path],
    ]) {
      const program = new Program(args);
      expect(await program.end()).toBe(2);
      expect(program.stderr.replaceAll(path, "F").split("\n")).toEqual([
        'hello-websocket: F:1:1: unknown key "prot": did you mean "port"?',
        'hello-websocket: F:2:7: port: "many" is not right: expected a whole number from 0 to 65535',
        'hello-websocket: F:4:35: cameras.front.rate: "fast" is not right: expected frames per second from 1 to 240',
        "",
      ]);
      expect(program.stdout).toBe("");
    }
  });

  test("in the environment", async () => {
    const program = new Program([], { HELLO_PORT: "abc" });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toMatch(/HELLO_PORT: "abc" is not right/);
  });

  test("a token is not repeated", async () => {
    const program = new Program([], { HELLO_TOKEN: "sh+rt" });
    expect(await program.end()).toBe(2);
    expect(program.stderr).toMatch(/HELLO_TOKEN: the value is not right/);
    expect(program.stderr).not.toContain("sh+rt");
  });

  test("a port in use", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : 0;
    const program = new Program(["--port", String(port)]);
    expect(await program.end()).toBe(2);
    expect(program.stderr).toBe(`hello-websocket: port ${port} is in use: expected a free one (--port)\n`);
    taken.close();
  });
});

describe("the other commands", () => {
  test("help names every program", async () => {
    const program = new Program(["--help"]);
    expect(await program.end()).toBe(0);
    for (const name of ["up", "recorder", "mapper", "server", "cameras", "doctor"])
      expect(program.stdout).toContain(name);
  });

  test("cameras lists for people and for programs", async () => {
    const people = new Program(["cameras"]);
    expect(await people.end()).toBe(0);
    expect(people.stdout).not.toBe("");
    const programs = new Program(["cameras", "--json"]);
    expect(await programs.end()).toBe(0);
    expect(Array.isArray(JSON.parse(programs.stdout))).toBe(true);
  });

  test("config tells what is set and by whom, checks a file, and prints its schema", async () => {
    const path = file("right.yaml", "rate: 5\ncameras: { front: 'test:' }\n");
    const told = new Program(["config", "--config", path, "--quality", "50"], { HELLO_PORT: "1234" });
    expect(await told.end()).toBe(0);
    expect(told.stdout).toMatch(/^port +1234 +HELLO_PORT$/m);
    expect(told.stdout).toMatch(/^quality +50 +--quality$/m);
    expect(told.stdout).toMatch(/^rate +5 +\S+right\.yaml:1$/m);
    expect(told.stdout).toMatch(/^host +127\.0\.0\.1 +default$/m);
    const checked = new Program(["config", "--check", path]);
    expect(await checked.end()).toBe(0);
    expect(checked.stdout).toBe(`${path} is right: 1 camera, 0 users\n`);
    const schema = new Program(["config", "--schema"]);
    expect(await schema.end()).toBe(0);
    expect(JSON.parse(schema.stdout)).toMatchObject({ title: "hello-websocket" });
  });

  test("doctor looks at everything that is needed", async () => {
    const program = new Program(["doctor", "--port", "0"]);
    expect(await program.end()).toBe(0);
    expect(program.stdout).toMatch(/ok {6} Node\.js: \d+/);
    expect(program.stdout).toMatch(/ok {6} page: built/);
    expect(program.stdout).toMatch(/ok {6} FFmpeg \(node-av\): .*\d/);
    expect(program.stdout).toMatch(/ok {6} H\.264 encoders: .*x264/);
    // Of each that does not work here, why. No machine has them all.
    expect(program.stdout).toMatch(/\n {9}not (vaapi|videotoolbox): it needs \S.* \(.+\)\n/);
  });
});
