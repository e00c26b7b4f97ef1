// npm, run for a person: what it says is seen as it says it, and when it fails a sentence says what that means.
import { execFileSync } from "node:child_process";

/** Run npm with `args`. If it fails, `failure` is said and this program ends. */
export function npm(args, failure) {
  try {
    execFileSync("npm", args, { stdio: ["ignore", 2, 2], shell: process.platform === "win32" });
  } catch {
    process.stderr.write(`${failure}\n`);
    process.exit(1);
  }
}
