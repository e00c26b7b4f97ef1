import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { Program } from "../support/program.ts";
import { has } from "../support/tools.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const UNITS = join(ROOT, "packaging", "systemd");

/** Most that `systemd-analyze security` may say of each unit: 10 is a service without any bounds, 0 one that can do nothing. */
const MAX_EXPOSURE: Readonly<Record<string, number>> = {
  "hello-websocket.service": 1.6,
  "hello-websocket-mapper.service": 0.3,
  "hello-websocket-recorder@.service": 1.6,
  "hello-websocket-server.service": 1.2,
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hello-units-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("each unit is looked at", () => {
  expect(
    readdirSync(UNITS)
      .filter((name) => name.endsWith(".service"))
      .sort(),
  ).toEqual(Object.keys(MAX_EXPOSURE).sort());
});

describe.skipIf(!has("systemd-analyze", "--version"))("systemd takes", () => {
  const analyze = (...args: string[]): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync("systemd-analyze", [...args, `--root=${folder}`], {
      encoding: "utf8",
      env: { ...process.env, SYSTEMD_COLORS: "0" },
    });
    return { status, said: stdout + stderr };
  };

  beforeAll(() => {
    // A machine on which the package is installed, and nothing else.
    const [bin, units] = [join(folder, "usr", "bin"), join(folder, "etc", "systemd", "system")];
    for (const path of [bin, units]) mkdirSync(path, { recursive: true });
    for (const name of ["hello-websocket", "kill"]) {
      writeFileSync(join(bin, name), "#!/bin/sh\n");
      chmodSync(join(bin, name), 0o755);
    }
    for (const name of readdirSync(UNITS)) copyFileSync(join(UNITS, name), join(units, name));
  });

  test.each(Object.entries(MAX_EXPOSURE))("%s without a word, and finds it confined", (file, most) => {
    const unit = file.replace("@.", "@front.");
    expect(analyze("verify", "--man=no", "--recursive-errors=no", unit)).toEqual({ status: 0, said: "" });
    const { said } = analyze("security", "--offline=true", "--no-pager", unit);
    const [, exposure = "none"] = /exposure level for \S+: ([\d.]+)/.exec(said) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(most);
  });
});

test("the commands of the units are commands", () => {
  const [, commands = ""] = helpOf().split("\nCommands:\n");
  for (const name of Object.keys(MAX_EXPOSURE)) {
    const unit = readFileSync(join(UNITS, name), "utf8");
    const [, command = "none"] = /^ExecStart=hello-websocket (\S+)$/m.exec(unit) ?? [];
    expect(commands).toMatch(new RegExp(`^ {2}${command} `, "m"));
  }
});

test("as a service it keeps its state and its sockets where systemd says, and `health` finds it", async () => {
  const [state, runtime] = [join(folder, "state"), join(folder, "run")];
  for (const path of [state, runtime]) mkdirSync(path, { mode: 0o700 });
  const service = { HELLO_STATE: "", STATE_DIRECTORY: state, RUNTIME_DIRECTORY: runtime };
  await using program = await Program.start(
    ["up", "--camera", "front=test:320x180", "--host", "0.0.0.0", "--port", "0"],
    service,
  );
  const port = new URL(program.firstLine).port;
  expect(readdirSync(state)).toEqual(expect.arrayContaining(["key", "token"]));
  expect(readdirSync(runtime)).toEqual([expect.stringMatching(/\.sock$/)]);
  const ask = async (...args: string[]): Promise<[number | string, string]> => {
    await using health = new Program(["health", "--host", "0.0.0.0", "--port", port, ...args], service);
    return [await health.end(), health.stdout];
  };
  expect(await ask()).toEqual([0, expect.stringContaining('"status":"ok"')]);
  expect(await ask("--id", "front", "--max-age", "9s")).toEqual([0, expect.stringContaining('"ageMs"')]);
  expect(await ask("--id", "back")).toEqual([1, expect.stringContaining("there is no camera with this id")]);
  await program.kill("SIGTERM");
  expect(await ask()).toEqual([1, `no answer from port ${port}: connection refused\n`]);
  // It never makes a token: the server would tell it to nobody.
  rmSync(join(state, "token"));
  await ask();
  expect(existsSync(join(state, "token"))).toBe(false);
});

describe("the image", () => {
  test("copies files that are there, and that reach the builder", () => {
    const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");
    const passed = readFileSync(join(ROOT, ".dockerignore"), "utf8").match(/(?<=^!).+$/gm) ?? [];
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names = ""]) =>
      names.split(" "),
    );
    expect(copied).toEqual(passed);
    for (const name of copied) expect(existsSync(join(ROOT, name))).toBe(true);
  });

  test("is run by nobody in particular, who can do nothing in particular", () => {
    const read = (name: string): Record<string, unknown> => {
      // `!reset` is for Docker: here it is a list like others.
      const text = readFileSync(join(ROOT, name), "utf8").replace("!reset ", "");
      const { services } = parse(text) as { services: Record<string, Record<string, unknown>> };
      return services["hello-websocket"] ?? {};
    };
    expect(read("compose.yaml")).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
    expect(read("compose.hotplug.yaml")).toMatchObject({ devices: [], device_cgroup_rules: ["c 81:* rmw"] });
    expect(readFileSync(join(ROOT, "Dockerfile"), "utf8")).toMatch(/^USER hello-websocket$/m);
  });
});

function helpOf(): string {
  const { stdout } = spawnSync(process.execPath, [join(ROOT, "dist", "cli", "main.js"), "--help"], {
    encoding: "utf8",
  });
  return stdout;
}
