// Packs this checkout, installs the package as a user does, with npm and a registry, into an empty folder and globally, and sees that
// both serve a picture.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "hello-package-"));
const npm = (cwd, ...args) => {
  execFileSync("npm", [...args, "--no-fund", "--no-audit"], { cwd, stdio: ["ignore", 2, 2] });
};

/** Start the command with a test picture, and take one. */
async function serves(what, command) {
  const program = spawn(command, ["--camera", "front=test:320x180", "--port", "0"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HELLO_STATE: join(folder, "state") },
  });
  const ended = once(program, "exit");
  try {
    const [line] = await once(program.stdout, "data");
    const url = String(line).split("\n")[0];
    const page = await fetch(url);
    const picture = await fetch(new URL("/snapshot", url));
    const bytes = (await picture.arrayBuffer()).byteLength;
    if (!page.ok || picture.headers.get("content-type") !== "image/jpeg") {
      throw new Error(`${what}: page ${page.status}, picture ${picture.status}`);
    }
    process.stdout.write(`package: ${what}: page and a picture of ${bytes} bytes\n`);
  } finally {
    program.kill("SIGTERM");
    await ended;
  }
}

try {
  npm(".", "pack", "--pack-destination", folder);
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  const consumer = join(folder, "consumer");
  mkdirSync(consumer);
  writeFileSync(join(consumer, "package.json"), '{ "name": "consumer", "private": true }');
  npm(consumer, "install", "--prefer-offline", join(folder, archive));
  await serves("installed", join(consumer, "node_modules", ".bin", "hello-websocket"));
  const prefix = join(folder, "global");
  npm(folder, "install", "--global", "--prefer-offline", "--prefix", prefix, join(folder, archive));
  await serves("installed globally", join(prefix, "bin", "hello-websocket"));
  execFileSync("man", ["-w", "-M", join(prefix, "share", "man"), "hello-websocket"], {
    stdio: ["ignore", 2, 2],
  });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
