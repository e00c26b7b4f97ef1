import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Program } from "../support/program.ts";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A path without any rival on it: programs of Node alone. */
const ALONE = { PATH: "" };

describe("lab", () => {
  test("plays a scenario over real sockets and writes a table and a plot", async () => {
    const out = mkdtempSync(join(tmpdir(), "hello-lab-"));
    folders.push(out);
    await using program = new Program(["lab", "narrow", "--seconds", "2", "--out", out], ALONE);
    expect(await program.end(), program.stderr).toBe(0);
    expect(program.stdout).toContain("go2rtc: not found here, left out");
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
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends it and what it started, and its status tells so", async (signal, status) => {
    await using program = new Program(["lab", "narrow", "--seconds", "600"], ALONE);
    await program.says(/narrow: 8 Mbit/);
    expect(await program.kill(signal)).toBe(status);
  });
});
