// Installs the packages if the lock file is newer than they are. The stamp is written when all of them are there, so a
// second shell never starts with half of them.
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock.mjs";
import { npm } from "./npm.mjs";

const STAMP = join("node_modules", ".installed");

const time = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

withLock("install", () => {
  if (time(STAMP) >= Math.max(time("package.json"), time("package-lock.json"))) return;
  process.stderr.write("installing packages…\n");
  // No dependency needs its install script here: the native parts come inside npm packages.
  npm(["ci", "--ignore-scripts"], "the packages could not be installed: npm says why above");
  writeFileSync(STAMP, "");
});
