import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mapperAddress } from "./addresses.ts";
import { statePath } from "./state-folder.ts";

const socket = (environment: Record<string, string>): string => {
  const address = mapperAddress("mapper", environment);
  return address.kind === "path" ? address.path : address.kind;
};

test.skipIf(process.platform === "win32")("the mapper's socket is in a folder of this user", () => {
  expect(socket({ XDG_RUNTIME_DIR: "/run/user/7" })).toBe("/run/user/7/hello-websocket/mapper.sock");
  expect(socket({ XDG_RUNTIME_DIR: "" })).toMatch(/\/hello-websocket-\d+\/mapper\.sock$/);
});

test.skipIf(process.platform === "win32")(
  "a systemd service has its sockets and its state where systemd says",
  () => {
    const environment = {
      RUNTIME_DIRECTORY: "/run/hello-websocket",
      STATE_DIRECTORY: "/var/lib/hello-websocket:/var/lib/other",
      XDG_RUNTIME_DIR: "/run/user/7",
      XDG_STATE_HOME: "/home/me/state",
    };
    expect(socket(environment)).toBe("/run/hello-websocket/mapper.sock");
    expect(statePath(environment, "linux", "/home/me")).toBe("/var/lib/hello-websocket");
    expect(statePath({ ...environment, HELLO_STATE: "/own" }, "linux", "/home/me")).toBe("/own");
  },
);

test.skipIf(process.platform === "win32")(
  "the state of a service whose user is made for it is behind the link that systemd made",
  () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "hello-state-")));
    try {
      mkdirSync(join(folder, "private"));
      symlinkSync("private", join(folder, "public"));
      const environment = { STATE_DIRECTORY: join(folder, "public") };
      expect(statePath(environment, "linux", "/home/me")).toBe(join(folder, "private"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
