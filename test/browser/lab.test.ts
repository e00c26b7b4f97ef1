import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { descendants, isRunning } from "../support/processes.ts";
import { Program } from "../support/program.ts";

/** It takes its pictures for ten seconds, and reads what they show in another browser. */
const STARTS_MS = 90_000;

/** A viewer's browser, of all that the lab starts. */
const VIEWER = "--unsafely-treat-insecure-origin-as-secure";

test.skipIf(process.platform !== "linux").each([
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const)("%s takes down all of a lab that watches in a browser", async (signal, status) => {
  const folder = mkdtempSync(join(tmpdir(), "hello-interrupted-"));
  try {
    // Over netns where this machine can.
    await using lab = new Program(["lab", "ladder", "--seconds", "600"], { TMPDIR: folder });
    const started = (): readonly string[] => [...descendants(lab.pid).values()];
    await expect
      .poll(() => started().some((command) => command.includes(VIEWER)), { timeout: STARTS_MS })
      .toBe(true);
    const pids = [...descendants(lab.pid).keys()];
    expect(started().some((command) => command.includes("recorder-main.js"))).toBe(true);
    expect(await lab.kill(signal)).toBe(status);
    await expect.poll(() => pids.filter(isRunning), { timeout: 30_000 }).toEqual([]);
    expect(existsSync(`/run/netns/hello-lab-${lab.pid}`)).toBe(false);
    expect(existsSync(`/sys/class/net/hl${lab.pid}a`)).toBe(false);
    expect(readdirSync(folder).filter((name) => /hello-lab|playwright/.test(name))).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
