import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const START = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

test("a build that fails is a sentence, starts nothing, and leaves no lock for the next to wait at", () => {
  const checkout = mkdtempSync(join(tmpdir(), "hello-scripts-"));
  onTestFinished(() => rmSync(checkout, { recursive: true }));
  mkdirSync(join(checkout, "src"));
  writeFileSync(join(checkout, "package.json"), JSON.stringify({ scripts: { build: "exit 3" } }));
  const { status, stdout, stderr } = spawnSync(process.execPath, [START], {
    cwd: checkout,
    encoding: "utf8",
  });
  expect(stderr).toMatch(/^building…\n(?:npm .*\n)*the build has failed; .*\n$/);
  expect(stdout).toBe("");
  expect(status).toBe(1);
  expect(existsSync(join(checkout, ".cache/build.lock"))).toBe(false);
});
