import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Child } from "./child.ts";
import { BEAT } from "./heartbeat.ts";

const PULSE = { lookMs: 20, hungMs: 200 };

let folder: string;
let child: Child | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-child-"));
});
afterEach(async () => {
  await child?.stop();
  rmSync(folder, { recursive: true });
});

/** A program that runs `code`. */
function program(code: string): string {
  const file = join(folder, "program.mjs");
  writeFileSync(file, code);
  return file;
}

test("a process that hangs after its first beat is ended, and started again", async () => {
  const said: string[] = [];
  let starts = 0;
  await new Promise<void>((resolve) => {
    child = new Child({
      file: program(`process.send("${BEAT}", () => { for (;;); });`),
      environment: process.env,
      started: () => {
        if (++starts === 2) resolve();
      },
      ended: (how) => said.push(how),
      pulse: PULSE,
    });
  });
  expect(said).toEqual(["it gave no sign of life for 0.2 s"]);
});

test("a process that takes long before its first beat is left alone", async () => {
  const said: string[] = [];
  const started = await new Promise<import("node:child_process").ChildProcess>((resolve) => {
    child = new Child({
      file: program(`setTimeout(() => process.send("late"), 3 * ${PULSE.hungMs});`),
      environment: process.env,
      started: resolve,
      ended: (how) => said.push(how),
      pulse: PULSE,
    });
  });
  expect(await once(started, "message")).toEqual(["late", undefined]);
  expect(said).toEqual([]);
});
