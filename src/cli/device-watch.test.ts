import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { DeviceWatch } from "./device-watch.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "hello-dev-"));
  mkdirSync(join(root, "dev"));
});
afterEach(() => rmSync(root, { recursive: true }));

function plug(number: number): void {
  mkdirSync(join(root, `sys/class/video4linux/video${number}`), { recursive: true });
  writeFileSync(join(root, `sys/class/video4linux/video${number}/name`), "Camera\n");
  writeFileSync(join(root, `dev/video${number}`), "");
}

test("tells of a device that comes and of one that goes", async () => {
  plug(0);
  const changed = vi.fn(async () => true);
  using _watch = new DeviceWatch(changed, root, "linux");
  plug(1);
  await eventually(() => expect(changed).toHaveBeenCalledTimes(1));
  rmSync(join(root, "sys/class/video4linux/video0"), { recursive: true });
  rmSync(join(root, "dev/video0"));
  await eventually(() => expect(changed).toHaveBeenCalledTimes(2));
});

test("sees without being told, and asks again where nobody could look", async () => {
  rmSync(join(root, "dev"), { recursive: true });
  vi.useFakeTimers();
  try {
    let able = false;
    const changed = vi.fn(async () => able);
    using _watch = new DeviceWatch(changed, root, "linux");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(changed).not.toHaveBeenCalled();
    mkdirSync(join(root, "dev"));
    plug(0);
    await vi.advanceTimersByTimeAsync(4000);
    expect(changed).toHaveBeenCalledTimes(2);
    able = true;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(changed).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});
