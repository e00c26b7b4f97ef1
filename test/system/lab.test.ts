import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { isRunning } from "../support/processes.ts";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A path without any rival on it: programs of Node alone. */
const ALONE = { PATH: "" };

/** It takes its pictures for ten seconds, and for longer on a busy machine. */
const STARTS_MS = 90_000;

/** Whether this is a machine where the kernel can play a link. */
const hasNetns = process.getuid?.() === 0 && has("ip", "netns") && has("tc", "-V");

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "hello-lab-"));
  folders.push(folder);
  return folder;
}

function ip(...args: string[]): number | null {
  return spawnSync("ip", args, { stdio: "ignore" }).status;
}

function programsIn(namespace: string): readonly number[] {
  const { stdout } = spawnSync("ip", ["netns", "pids", namespace], { encoding: "utf8" });
  return stdout.split("\n").filter(Boolean).map(Number);
}

describe("lab", { timeout: 180_000 }, () => {
  test("plays a scenario over real sockets and writes a table and a plot", async () => {
    const out = temporaryFolder();
    await using program = new Program(["lab", "narrow", "--seconds", "2", "--out", out], ALONE);
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stdout).toContain("go2rtc: not found here, left out");
    expect(program.stdout).toMatch(/^link: proxy \(not netns: it needs .*\)$/m);
    const row = /\| hello-websocket \| ([\d.]+) \| .* \| 0 \|/.exec(program.stdout);
    expect(Number(row?.[1])).toBeGreaterThan(0);
    expect(readdirSync(out).toSorted()).toEqual(["narrow-proxy.svg", "proxy.md"]);
    const page = readFileSync(join(out, "proxy.md"), "utf8");
    expect(page).toContain(row?.[0]);
    expect(page).toContain("](narrow-proxy.svg)");
    const svg = readFileSync(join(out, "narrow-proxy.svg"), "utf8");
    // Pictures came one after the other.
    const times = [...(/points="([^"]+)"/.exec(svg)?.[1] ?? "").matchAll(/([\d.]+),/g)].map(([, x]) =>
      Number(x),
    );
    expect(times.length).toBeGreaterThan(1);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("lists its scenarios", async () => {
    await using program = new Program(["lab", "--list"]);
    expect(await program.end()).toBe(0);
    expect(program.stdout).toMatch(/^narrow +8 Mbit\/s, JPEG$/m);
  });

  test.each([
    [["lab", "nowhere"], 'lab: scenario "nowhere" is not known: expected unshaped, '],
    [["lab", "--seconds", "0"], '--seconds: "0" is not right: expected seconds from 1 to 3600'],
    [["lab", "--link", "wire"], '--link: "wire" is not right: expected proxy or netns'],
    [["lab", "--client", "eyes"], '--client: "eyes" is not right: expected protocol or chromium'],
    [["lab", "--against", "nobody"], '--against: rival "nobody" is not known: expected mjpg-streamer, '],
    [["lab", "--rival", "go2rtc"], '--rival: "go2rtc" is not right: expected NAME=PATH'],
  ])("%j is refused in one sentence", async (args, sentence) => {
    await using program = new Program(args);
    expect(await program.end()).toBe(2);
    expect(program.stderr).toContain(`hello-websocket: ${sentence}`);
    expect(program.stderr.trim().split("\n")).toHaveLength(1);
  });

  test.each([
    ["a link that cannot be here", ["--link", "netns"], "--link netns: it needs "],
    [
      "a rival that is not there",
      ["--rival", "go2rtc=/nowhere"],
      '--rival: go2rtc is not at "/nowhere": expected',
    ],
    ["a folder that is none", ["--out", "FILE"], '--out: "FILE" is no folder to write to: '],
  ])("%s is refused before anything is measured, and no page is touched", async (_what, flags, sentence) => {
    const out = temporaryFolder();
    const file = join(out, "netns.md");
    writeFileSync(file, "## narrow: figures\n");
    const args = ["lab", "narrow", "--out", out, ...flags].map((word) => word.replace("FILE", file));
    await using program = new Program(args, ALONE);
    expect(await program.end()).toBe(2);
    expect(program.stdout).toBe("");
    expect(program.stderr).toContain(`hello-websocket: ${sentence.replace("FILE", file)}`);
    expect(program.stderr.trim().split("\n")).toHaveLength(1);
    expect(readdirSync(out)).toEqual(["netns.md"]);
    expect(readFileSync(file, "utf8")).toBe("## narrow: figures\n");
  });

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends it and what it started, and its status tells so", async (signal, status) => {
    await using program = new Program(["lab", "narrow", "--seconds", "600"], ALONE);
    await program.says(/narrow: 8 Mbit/, STARTS_MS);
    expect(await program.kill(signal)).toBe(status);
  });

  test.skipIf(!hasNetns)(
    "what a killed one left behind is removed by the next, and nothing else",
    async () => {
      const names = ["hello-lab-other", `hello-lab-${process.pid}`].map((name) => join("/run/netns", name));
      await using killed = new Program(["lab", "narrow", "--seconds", "600"], { TMPDIR: temporaryFolder() });
      const left = `hello-lab-${killed.pid}`;
      await killed.says(/^link: netns/m, STARTS_MS);
      // The server and its recorder: a server that has yet to say where it listens ends with whoever it says it to.
      await expect.poll(() => programsIn(left).length, { timeout: 60_000 }).toBeGreaterThan(1);
      await killed.kill("SIGKILL");
      const orphans = programsIn(left);
      expect(orphans).not.toEqual([]);
      for (const name of names) expect(ip("netns", "add", basename(name))).toBe(0);
      try {
        await using program = new Program(["lab", "narrow", "--seconds", "600"]);
        await program.says(new RegExp(`^${left} removed: the lab that made it is gone$`, "m"));
        expect(existsSync(join("/run/netns", left))).toBe(false);
        expect(ip("link", "show", `hl${killed.pid}a`)).not.toBe(0);
        for (const name of names) expect(existsSync(name)).toBe(true);
        await program.kill("SIGINT");
        await expect.poll(() => orphans.filter(isRunning), { timeout: 60_000 }).toEqual([]);
      } finally {
        for (const name of names) ip("netns", "del", basename(name));
      }
    },
  );
});
