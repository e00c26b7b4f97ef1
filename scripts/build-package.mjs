// Builds what `npm pack` and `npm publish` take: from nothing, so that no file of a source that is gone is in it, and without source
// maps, which would lead to sources that are not in it either.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";

const run = (name, ...args) => {
  const file = join("node_modules", ".bin", name);
  execFileSync(file, args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
};
const NO_MAPS = ["--sourceMap", "false", "--declarationMap", "false"];

rmSync("dist", { recursive: true, force: true });
run("tsc", ...NO_MAPS);
run("tsc", "-p", "tsconfig.client.json", ...NO_MAPS);
run("vite", "build", "--logLevel", "warn", "--sourcemap", "false");
execFileSync(process.execPath, [join("scripts", "manual.mjs")], { stdio: ["ignore", 2, 2] });
