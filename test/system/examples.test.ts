import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const EXAMPLES = join(ROOT, "examples");
/** An example that gets no picture is ended, so that its test says what it printed. */
const EXAMPLE_TIMEOUT_MS = 30_000;

let server: ChildProcess;
/** The server's address, without the scheme. */
let host: string;
/** An empty working directory for each example. */
let folder: string;

beforeAll(async () => {
  const args = ["dist/cli/main.js", "up", "--port", "0", "--camera", "test=test:320x180@30"];
  server = spawn(process.execPath, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
  const first = await lines.next();
  if (first.done) throw new Error("the server ended before it printed its address");
  host = new URL(first.value).host;
});

afterAll(async () => {
  if (server.exitCode !== null) return;
  server.kill();
  await once(server, "exit");
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-examples-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

const python = (module: string) =>
  ["python3", "/usr/bin/python3"].find((file) => runs(file, "-c", `import ${module}`));
const pythonWithWebSockets = python("websockets");
const pythonWithOpenCv = python("cv2");
const ffmpeg = runs("ffmpeg", "-version") ? "ffmpeg" : undefined;

test("node-viewer.mjs keeps the newest picture", async () => {
  await expectNewestPicture(process.execPath, "node-viewer.mjs");
});

testWith(
  pythonWithWebSockets,
  "python3 with websockets",
  "python_viewer.py keeps the newest picture",
  (python) => expectNewestPicture(python, "python_viewer.py"),
);

testWith(pythonWithOpenCv, "python3 with cv2", "opencv_viewer.py sees movement", async (python) => {
  const lines = await run(
    python,
    join(EXAMPLES, "opencv_viewer.py"),
    `http://${host}/cameras/test/stream.mjpg`,
    "5",
  );
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(line).toMatch(/^320x180 motion \d+\.\d\d$/);
  expect(lines.filter((line) => line.endsWith(" 0.00"))).toEqual([]);
});

testWith(ffmpeg, "ffmpeg", "the ffmpeg line of the README records every JPEG as it is", async (ffmpeg) => {
  const line = readFileSync(join(EXAMPLES, "README.md"), "utf8").match(/^ffmpeg (.*)$/m)?.[1] ?? "";
  const args = line.replace("localhost:9000", host).replace("-t 10", "-frames:v 5").split(" ");
  await run(ffmpeg, "-v", "error", ...args);
  await run(ffmpeg, "-v", "error", "-i", "clip.mkv", "-c", "copy", "picture-%d.jpg");
  const pictures = readdirSync(folder).filter((name) => name.endsWith(".jpg"));
  expect(pictures).toHaveLength(5);
  expect(new Set(pictures.map(jpeg)).size).toBe(5);
});

/** Run a viewer of the simple protocol twice: each leaves the last picture that it got. */
async function expectNewestPicture(command: string, example: string): Promise<void> {
  const pictures: string[] = [];
  for (const frames of [1, 4]) {
    const lines = await run(command, join(EXAMPLES, example), `ws://${host}/ws?camera=test`, String(frames));
    expect(lines).toHaveLength(frames);
    for (const line of lines) expect(line).toMatch(/^\d{3,} bytes$/);
    pictures.push(jpeg("picture.jpg"));
  }
  expect(pictures[1]).not.toBe(pictures[0]);
}

/** The bytes of a picture that an example has left, as text that compares. */
function jpeg(name: string): string {
  const bytes = readFileSync(join(folder, name)).toString("hex");
  expect(bytes).toMatch(/^ffd8.*ffd9$/);
  return bytes;
}

/** The lines that a program prints until it ends. */
async function run(command: string, ...args: string[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(command, args, { cwd: folder, timeout: EXAMPLE_TIMEOUT_MS });
  return stdout.split("\n").filter(Boolean);
}

/** A test that needs a tool: without it, it is skipped here and fails in CI. */
function testWith(
  tool: string | undefined,
  what: string,
  name: string,
  body: (tool: string) => Promise<void>,
): void {
  if (tool !== undefined) test(name, () => body(tool));
  else if (process.env["CI"]) test(name, () => expect.fail(`${what} is not installed`));
  else test.skip(`${name} (${what} is not installed)`);
}

function runs(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
