import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { playDevice } from "./device.ts";

describe.skipIf(process.platform !== "linux")("a V4L2 camera that cannot be made", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "hello-device-"));
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test("names the compiler that is not there", () => {
    const compiler = join(folder, "cc");
    vi.stubEnv("CC", compiler);
    expect(() => playDevice("picture.jpg", 30, folder)).toThrow(
      `it needs a C compiler, and ${compiler} does not run`,
    );
  });

  test("tells what the compiler says, and does not call it missing", () => {
    const compiler = join(folder, "cc");
    writeFileSync(compiler, "#!/bin/sh\necho 'fatal error: linux/videodev2.h: No such file' >&2\nexit 1\n");
    chmodSync(compiler, 0o755);
    vi.stubEnv("CC", compiler);
    const play = (): unknown => playDevice("picture.jpg", 30, folder);
    expect(play).toThrow(`cc says: fatal error: linux/videodev2.h: No such file`);
    expect(play).not.toThrow("it needs a C compiler");
    expect(readdirSync(folder)).toEqual(["cc"]);
  });
});
