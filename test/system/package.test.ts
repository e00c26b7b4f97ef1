import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
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
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Program } from "../support/program.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Most that the package may take on its way, in bytes. A picture or a source map that got into it takes more. */
const MAX_PACKED_BYTES = 1_000_000;

/** A folder in which somebody has installed the package: as npm lays it out, without asking a registry. */
let consumer: string;
let installed: string;
let packedBytes: number;

beforeAll(() => {
  consumer = mkdtempSync(join(tmpdir(), "hello-consumer-"));
  // What is packed is what was built: the build before packing is that of `npm run test:package`.
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", consumer], {
    cwd: ROOT,
  });
  const archive = readdirSync(consumer).find((name) => name.endsWith(".tgz")) ?? "";
  packedBytes = statSync(join(consumer, archive)).size;
  const modules = join(consumer, "node_modules");
  installed = join(modules, "hello-websocket");
  mkdirSync(installed, { recursive: true });
  execFileSync("tar", ["-xzf", join(consumer, archive), "--strip-components=1", "-C", installed]);
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as {
    packages: Record<string, { dev?: boolean }>;
  };
  // What the package does not declare is not there: a library that only the tests have would be missed.
  const needed = Object.entries(lock.packages).filter(([path, { dev }]) => {
    return /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true && existsSync(join(ROOT, path));
  });
  for (const [path] of needed) link(join(ROOT, path), join(consumer, path));
  // As npm does.
  const main = join(installed, "dist", "cli", "main.js");
  chmodSync(main, 0o755);
  link(main, join(modules, ".bin", "hello-websocket"));
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true, "type": "module" }');
});
afterAll(() => rmSync(consumer, { recursive: true, force: true }));

function link(target: string, path: string): void {
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path);
}

const inConsumer = (command: string, ...args: string[]): { status: number | null; said: string } => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: consumer, encoding: "utf8" });
  return { status, said: stdout + stderr };
};

test("has what a user needs, and nothing else", () => {
  const files = readdirSync(installed, { recursive: true }).map(String);
  const needed = [
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "dist/page/index.html",
    "dist/man/hello-websocket.1",
    "docs/install.md",
    "docs/grafana/hello-websocket.json",
    "packaging/systemd/hello-websocket.service",
  ];
  expect(files).toEqual(expect.arrayContaining(needed));
  expect(files.filter((name) => /\.map$|\.test\.|\.contract\.|^src|^test|\.built$/.test(name))).toEqual([]);
  // What the lab starts rivals with, and nothing else of the bench.
  expect(files.filter((name) => name.startsWith("bench/")).sort()).toEqual(
    ["original-recorder.py", "stamp.h", "v4l2.c", "wire.h"].map((name) => `bench/${name}`),
  );
  expect(packedBytes).toBeLessThan(MAX_PACKED_BYTES);
  // A list: npm links no page that is given as one text.
  const { man } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as { man: string[] };
  expect(files).toEqual(expect.arrayContaining(man));
});

test("imports only what it declares", () => {
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(installed, "package.json"), "utf8"),
  ) as Record<"dependencies" | "optionalDependencies", Record<string, string>>;
  // The lab says itself how to get a browser.
  const declared = [...Object.keys({ ...dependencies, ...optionalDependencies }), "playwright-core"];
  const files = readdirSync(join(installed, "dist"), { recursive: true }).map(String);
  const sources = files
    // The page is a bundle.
    .filter((name) => name.endsWith(".js") && !name.startsWith("page"))
    .map((name) => readFileSync(join(installed, "dist", name), "utf8"));
  const imported = sources.flatMap((text) => [
    ...text.matchAll(
      /^(?:import|export) (?:[^"'=]* from )?["']((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^"']*)?["'];$/gm,
    ),
    ...text.matchAll(/\bimport\("((?:@[\w.-]+\/)?[a-z][\w.-]*)(?:\/[^"']*)?"\)/g),
  ]);
  const names = new Set(imported.map(([, name = ""]) => name).filter((name) => !name.startsWith("node:")));
  expect(names).toContain("ws");
  expect(names).toContain("node-av");
  expect([...names].filter((name) => !declared.includes(name))).toEqual([]);
});

describe("installed", () => {
  test("npx finds the command", () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    expect(inConsumer("npx", "--offline", "hello-websocket", "--version")).toEqual({
      status: 0,
      said: `${version}\n`,
    });
  });

  test("it serves the page, a snapshot and a picture over a WebSocket", async () => {
    const command = join(consumer, "node_modules", ".bin", "hello-websocket");
    await using program = await Program.start(["--camera", "front=test:320x180", "--port", "0"], {}, [
      command,
    ]);
    const url = program.firstLine;
    const page = await (await fetch(url)).text();
    expect(page).toContain("<!doctype html>");
    const [, script = "none"] = /src="\.\/(assets\/[^"]+\.js)"/.exec(page) ?? [];
    expect((await fetch(new URL(script, url))).status).toBe(200);
    const snapshot = await fetch(new URL("/snapshot", url));
    expect(snapshot.headers.get("content-type")).toBe("image/jpeg");
    const socket = new WebSocket(new URL("/ws?camera=front", url));
    await once(socket, "open");
    socket.send("next");
    const [picture] = (await once(socket, "message")) as [Buffer];
    expect(picture.subarray(0, 2).toString("hex")).toBe("ffd8");
    socket.close();
    expect(await program.kill("SIGTERM")).toBe(0);
  });

  test.skipIf(process.platform !== "linux")(
    "the lab makes the V4L2 camera that it starts rivals with",
    async () => {
      const { playDevice } = (await import(
        pathToFileURL(join(installed, "dist", "lab", "device.js")).href
      )) as typeof import("../../src/lab/device.ts");
      playDevice("picture.jpg", 30, consumer);
      expect(existsSync(join(consumer, "v4l2.so"))).toBe(true);
    },
  );

  test("a program imports what the package exports, and its types are there", () => {
    const program = `
      import { Frame, Mapper, MemoryBus, Recorder, Server } from "hello-websocket";
      import { Limits } from "hello-websocket/protocol";
      const bus: MemoryBus = new MemoryBus();
      const most: number = Limits.MAX_CAMERAS;
      console.log(typeof Server.run, typeof Mapper.run, typeof Recorder.run, typeof Frame.encode, most > 0, typeof bus);
    `;
    const page = `
      import { HelloCamera } from "hello-websocket/client/element";
      import "hello-websocket/client";
      export const element: HTMLElement = new HelloCamera();
    `;
    writeFileSync(join(consumer, "program.mts"), program);
    writeFileSync(join(consumer, "page.mts"), page);
    link(join(ROOT, "node_modules", "@types", "node"), join(consumer, "node_modules", "@types", "node"));
    const compiler = join(ROOT, "node_modules", ".bin", "tsc");
    const options = "--strict --noEmit --module nodenext --target es2023 --skipLibCheck --lib";
    const check = (lib: string, ...more: string[]) =>
      inConsumer(compiler, ...options.split(" "), lib, ...more);
    const server = check("es2023,esnext.disposable", "--types", "node", "program.mts");
    expect(server).toEqual({ status: 0, said: "" });
    const browser = check("es2023,dom,dom.iterable,dom.asynciterable,esnext.disposable", "page.mts");
    expect(browser).toEqual({ status: 0, said: "" });
    writeFileSync(join(consumer, "program.mjs"), program.replaceAll(/: (MemoryBus|number) =/g, " ="));
    const ran = inConsumer(process.execPath, "program.mjs");
    expect(ran.said).toBe("function function function function true object\n");
  });
});
