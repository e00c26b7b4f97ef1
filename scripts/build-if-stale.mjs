// Builds when a source is newer than the last build, so that `npm start` is one command and a second start is quick.
import { mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npm } from "./npm.mjs";

const STAMP = join("dist", ".built");
const INPUTS = [
  "src",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "tsconfig.client.json",
  "vite.config.ts",
];

function newest(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  // A folder's own time changes when a file in it is removed.
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

const stale = () => Math.max(...INPUTS.map(newest)) > newest(STAMP);

function build() {
  // Another shell may have built it meanwhile.
  if (!stale()) return;
  process.stderr.write("building…\n");
  const startedAt = new Date();
  npm(
    ["run", "--silent", "build"],
    "the build has failed; if a package is missing, `npm ci --ignore-scripts` installs all of them",
  );
  mkdirSync("dist", { recursive: true });
  writeFileSync(STAMP, "");
  // A source that changed during the build is newer than what was built.
  utimesSync(STAMP, startedAt, startedAt);
}

// An installed package has no sources: it is built already.
if (statSync("src", { throwIfNoEntry: false }) !== undefined && stale()) withLock("build", build);
