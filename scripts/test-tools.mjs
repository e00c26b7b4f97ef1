// Finds the programs that the tests talk to, and installs those that are missing where that is possible (Debian and
// its children, as root or with a sudo that asks nothing). Says what it found and what it did. The tests that need a
// program which is still missing are skipped by name; with CI=true that is a failure.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const runs = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;
const python = (module) => () => runs("/usr/bin/python3", "-c", `import ${module}`);

const TOOLS = [
  {
    name: "chromium",
    why: "the page in a real browser",
    found: () =>
      ["chromium", "chromium-browser", "google-chrome"].find((name) => runs(name, "--version")) ??
      (process.env.CHROMIUM && runs(process.env.CHROMIUM, "--version")),
  },
  {
    name: "firefox-esr",
    why: "the page in a second real browser",
    found: () => ["firefox-esr", "firefox"].find((name) => runs(name, "--version")),
  },
  {
    name: "ffmpeg",
    why: "the second engine, and a reader of stream.mjpg",
    found: () => runs("ffmpeg", "-version"),
  },
  { name: "python3-websockets", why: "a client of the simple protocol", found: python("websockets") },
  {
    name: "gir1.2-gst-rtsp-server-1.0",
    also: ["python3-gi", "gstreamer1.0-plugins-good", "gstreamer1.0-plugins-bad"],
    why: "an RTSP camera",
    found: python(
      "gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import Gst, GstRtspServer; Gst.init(None); " +
        "assert all(map(Gst.ElementFactory.find, ['matroskademux', 'h264parse', 'rtph264pay']))",
    ),
  },
  { name: "prometheus", why: "a judge of /metrics", found: () => runs("promtool", "--version") },
  {
    name: "curl",
    why: "a reader of the drop-in addresses, and a client that verifies a certificate",
    found: () => runs("curl", "--version"),
  },
  {
    name: "libnss3-tools",
    why: "a browser that trusts an authority",
    found: () => runs("sh", "-c", "command -v certutil"),
  },
  ...["nginx", "caddy", "haproxy"].map((name) => ({
    name: name === "nginx" ? "nginx-light" : name,
    service: name,
    why: "a proxy in front of the server",
    found: () => runs("sh", "-c", `command -v ${name} || test -x /usr/sbin/${name}`),
  })),
  { name: "nats-server", why: "the bus between machines", found: () => runs("nats-server", "--version") },
  ...["bash", "zsh", "fish"].map((name) => ({
    name,
    why: "a shell that completes commands",
    found: () => runs(name, "--version"),
  })),
  { name: "mandoc", why: "a judge of the manual page", found: () => runs("mandoc", "/dev/null") },
  { name: "systemd", why: "a judge of the systemd units", found: () => runs("systemd-analyze", "--version") },
  { name: "openssl", why: "certificates for NATS", found: () => runs("openssl", "version") },
  { name: "python3-opencv", why: "a reader of stream.mjpg", found: python("cv2") },
];

const say = (line) => process.stdout.write(`test tools: ${line}\n`);
const missing = TOOLS.filter(({ found }) => !found());
for (const tool of TOOLS) if (!missing.includes(tool)) say(`found ${tool.name}`);

if (missing.length > 0) {
  const packages = missing.flatMap(({ name, also = [] }) => [name, ...also]);
  const sudo = process.getuid?.() === 0 ? [] : runs("sudo", "-n", "true") ? ["sudo", "-n"] : undefined;
  if (sudo !== undefined && runs("apt-get", "--version")) {
    say(`installing ${packages.join(", ")} with apt-get`);
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const apt = (...args) => {
      const [command, ...rest] = [...sudo, "apt-get", ...args];
      execFileSync(command, rest, { stdio: ["ignore", "ignore", "inherit"], env: environment });
    };
    // Debian starts a server that it installs, at port 80 and at every boot. The tests start their own.
    const services = missing.flatMap(({ service }) => (service === undefined ? [] : [service]));
    if (services.length > 0 && existsSync("/run/systemd/system")) {
      say(`not to be started by systemd: ${services.join(", ")} (systemctl unmask undoes that)`);
      const [command, ...rest] = [...sudo, "systemctl", "mask", ...services];
      spawnSync(command, rest, { stdio: ["ignore", "ignore", "inherit"] });
    }
    try {
      apt("update", "-qq");
      apt("install", "-y", "-qq", "--no-install-recommends", ...packages);
    } catch (error) {
      say(`apt-get failed: ${error.message}`);
    }
  }
  const left = missing.filter(({ found }) => !found());
  for (const { name, why } of missing) {
    const has = !left.some((tool) => tool.name === name);
    say(has ? `installed ${name}` : `MISSING ${name} (${why}): install it to run those tests`);
  }
  if (left.length > 0 && process.env.CI === "true") process.exit(1);
}
