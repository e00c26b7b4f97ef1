import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deviceHolder } from "./device-holder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hello-proc-"));
});
afterEach(() => rmSync(root, { recursive: true }));

function holder(pid: number, name: string, target: string): void {
  mkdirSync(join(root, `proc/${pid}/fd`), { recursive: true });
  writeFileSync(join(root, `proc/${pid}/comm`), `${name}\n`);
  symlinkSync(target, join(root, `proc/${pid}/fd/3`));
}

test("names who has the device, and nobody else", () => {
  holder(12, "zoom", "/dev/video77");
  holder(13, "bash", "/dev/pts/0");
  holder(14, "node", "/dev/video77");
  mkdirSync(join(root, "proc/self"));
  expect(deviceHolder("/dev/video77", root, 14)).toBe('"zoom" (process 12)');
});

test("follows a link to the device", () => {
  writeFileSync(join(root, "video0"), "");
  symlinkSync("video0", join(root, "by-id"));
  holder(12, "zoom", join(root, "video0"));
  expect(deviceHolder(join(root, "by-id"), root)).toBe('"zoom" (process 12)');
});

test("says nothing where the system does not tell", () => {
  expect(deviceHolder("/dev/video77", root)).toBeUndefined();
  mkdirSync(join(root, "proc/12"), { recursive: true });
  expect(deviceHolder("/dev/video77", root)).toBeUndefined();
});
