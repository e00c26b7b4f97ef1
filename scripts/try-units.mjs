// Boots systemd in a container that sees this machine as it is, and writes to memory only; starts the units in it as a user does, and
// sees that they serve pictures, keep their state, reload and heal. Needs root, and systemd-nspawn (Debian: systemd-container).
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 60_000;
const PACKAGE = "/usr/local/lib/node_modules/hello-websocket";
const say = (line) => process.stdout.write(`units: ${line}\n`);

const folder = mkdtempSync(join(tmpdir(), "hello-boot-"));
const memory = join(folder, "memory");
const root = join(folder, "root");
for (const path of [memory, root]) mkdirSync(path);
execFileSync("mount", ["-t", "tmpfs", "tmpfs", memory]);
for (const name of ["upper", "work"]) mkdirSync(join(memory, name));
const layers = `lowerdir=/,upperdir=${join(memory, "upper")},workdir=${join(memory, "work")}`;
execFileSync("mount", ["-t", "overlay", "overlay", "-o", layers, root]);

let machine;
let inside = [];
const within = (...args) => spawnSync("nsenter", [...inside, ...args], { encoding: "utf8" });
const check = (...args) => {
  const { status, stdout, stderr } = within(...args);
  if (status !== 0) throw new Error(`${args.join(" ")}: status ${status}\n${stdout}${stderr}`);
  return stdout;
};
async function eventually(what, isSo) {
  for (const endMs = Date.now() + PATIENCE_MS; !isSo(); await delay(200)) {
    if (Date.now() > endMs)
      throw new Error(
        `${what}: not within ${PATIENCE_MS / 1000} s\n${within("journalctl", "-n", "40").stdout}`,
      );
  }
  say(what);
}
const serves = (port, path, ...args) => {
  const url = `http://localhost:${port}${path}`;
  return (
    within("curl", "-s", "-m", "3", "-o", "/dev/null", "-w", "%{size_download}", ...args, url).stdout > "1000"
  );
};

try {
  execFileSync("npm", ["pack", "--ignore-scripts", "--silent", "--pack-destination", folder], {
    stdio: "ignore",
  });
  const archive = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  mkdirSync(join(root, PACKAGE, "node_modules"), { recursive: true });
  execFileSync("tar", ["-xzf", join(folder, archive), "--strip-components=1", "-C", join(root, PACKAGE)]);
  execFileSync("chmod", ["755", join(root, PACKAGE, "dist", "cli", "main.js")]);
  rmSync(join(root, "usr/local/bin/hello-websocket"), { force: true });
  symlinkSync(join(PACKAGE, "dist/cli/main.js"), join(root, "usr/local/bin/hello-websocket"));
  // What this machine starts at boot is not wanted here.
  const units = join(root, "etc/systemd/system");
  for (const name of readdirSync(units))
    if (name.endsWith(".wants")) rmSync(join(units, name), { recursive: true });
  rmSync(join(units, "default.target"), { force: true });
  cpSync(join("packaging", "systemd"), units, { recursive: true });
  writeFileSync(
    join(root, "etc/default/hello-websocket"),
    "HELLO_CONFIG=/etc/hello-websocket.yaml\nHELLO_HOST=0.0.0.0\n",
  );
  const cameras = (...ids) => {
    const lines = ids.map((id) => `  ${id}: test:320x180\n`);
    writeFileSync(join(root, "etc/hello-websocket.yaml"), `cameras:\n${lines.join("")}`);
  };
  cameras("front");
  writeFileSync(join(root, "etc/machine-id"), "");
  mkdirSync(join(root, "etc/hello-websocket"), { recursive: true });
  writeFileSync(join(root, "etc/hello-websocket/front.env"), "HELLO_CAMERA=front=test:320x180\n");

  const boot = ["--keep-unit", "--register=no", "-D", root, "-b", "--private-network", "--console=pipe"];
  const modules = `--bind-ro=${resolve("node_modules")}:${PACKAGE}/node_modules`;
  machine = spawn("systemd-nspawn", [...boot, modules, "systemd.unit=multi-user.target"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "0" },
  });
  await eventually("systemd runs", () => {
    const children = readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, "utf8").trim();
    inside = [
      "-t",
      children.split(" ")[0],
      "-a",
      "--",
      "env",
      "-i",
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
    ];
    return children !== "" && within("systemctl", "is-system-running").stdout.trim() === "running";
  });

  check("systemctl", "start", "hello-websocket");
  let token = "";
  await eventually("hello-websocket: made its token in its state folder", () => {
    token = within("cat", "/var/lib/hello-websocket/token").stdout.trim();
    return token !== "";
  });
  const login = ["-H", `Authorization: Bearer ${token}`];
  await eventually("hello-websocket: serves a picture", () => serves(9000, "/snapshot", ...login));
  await eventually("hello-websocket: encodes H.264", () =>
    serves(9000, "/cameras/front/stream.mp4", ...login),
  );
  const pid = () => check("systemctl", "show", "-p", "MainPID", "--value", "hello-websocket").trim();
  const before = pid();
  cameras("front", "back");
  check("systemctl", "reload", "hello-websocket");
  await eventually("hello-websocket: a reload brings a new camera", () => {
    return serves(9000, "/cameras/back/snapshot.jpg", ...login);
  });
  if (pid() !== before) throw new Error("the reload ended it: expected the same process");
  check("systemctl", "stop", "hello-websocket");

  writeFileSync(join(root, "etc/default/hello-websocket"), "HELLO_PORT=9001\n");
  check("systemctl", "start", "hello-websocket-server", "hello-websocket-recorder@front");
  await eventually("the three programs: serve a picture", () => serves(9001, "/snapshot"));
  for (const name of ["mapper", "recorder@front", "server"]) {
    check("systemctl", "kill", "-s", "KILL", `hello-websocket-${name}`);
    await eventually(`the ${name} killed: back`, () => {
      const restarts = within(
        "systemctl",
        "show",
        "-p",
        "NRestarts",
        "--value",
        `hello-websocket-${name}`,
      ).stdout;
      return Number(restarts) > 0 && serves(9001, "/snapshot");
    });
  }
} finally {
  if (machine !== undefined) {
    within("systemctl", "poweroff", "--force");
    await delay(2000);
    machine.kill("SIGKILL");
    await delay(500);
  }
  for (const path of [root, memory]) spawnSync("umount", ["-l", path]);
  rmSync(folder, { recursive: true, force: true });
}
