import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import type { EngineChoice } from "../recorder/index.ts";
import { systemReason } from "../system/system-reason.ts";
import type { Config } from "./config.ts";

/** One thing that was looked at. */
interface Finding {
  readonly what: string;
  readonly well: boolean;
  /** What was found, or what to do about it. */
  readonly says: string;
}

/** `doctor`: say what is missing here and how to get it. Whether all is well. */
export async function doctor(config: Config, say: (line: string) => void): Promise<boolean> {
  const findings = [
    node(),
    page(),
    ...(await engine(config.engine)),
    ...devices(),
    ...adjuster(),
    await port(config.host, config.port),
  ];
  for (const { what, well, says } of findings) say(`${well ? "ok     " : "MISSING"}  ${what}: ${says}`);
  return findings.every(({ well }) => well);
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const well = major > 20 || (major === 20 && minor >= 19);
  const says = well
    ? process.versions.node
    : `${process.versions.node} is too old: install Node.js 20.19 or later`;
  return { what: "Node.js", well, says };
}

/** What is needed to adjust cameras; all else works without. */
function adjuster(): Finding[] {
  if (process.platform !== "linux") return [];
  const { error } = spawnSync("v4l2-ctl", ["--version"], { stdio: "ignore", timeout: 5000 });
  const says =
    error === undefined ? "there" : "not installed, so cameras cannot be adjusted: install v4l-utils";
  return [{ what: "v4l2-ctl", well: true, says }];
}

function page(): Finding {
  const well = existsSync(fileURLToPath(new URL("../page/index.html", import.meta.url)));
  return { what: "page", well, says: well ? "built" : "not built: run `npm run build`" };
}

/** What reads video here, and the cameras that it sees. */
async function engine(choice: EngineChoice): Promise<Finding[]> {
  const { listDevices, loadEngine, probeEncoders } = await import("../recorder/index.ts");
  try {
    let instead = "";
    const { name, version } = await loadEngine({
      ...choice,
      say: (line) => {
        instead = `; ${line}`;
      },
    });
    const found = await listDevices(choice);
    const names = found.map(({ source, name: device }) => `${source} (${device})`).join(", ");
    const encoders = await probeEncoders(choice);
    const working = encoders.filter(({ works }) => works).map(({ name: encoder }) => encoder);
    const others = encoders.filter(({ works }) => !works);
    const says = [
      working.length === 0 ? "none works" : `${working.join(", ")}`,
      ...others.map((encoder) => `         not ${encoder.name}: ${encoder.reason}`),
    ].join("\n");
    const title = name === "ffmpeg" ? "FFmpeg (command)" : "FFmpeg (node-av)";
    return [
      { what: title, well: true, says: `${version}${instead}` },
      { what: "cameras", well: true, says: names === "" ? "none is plugged in; `test:` is there" : names },
      { what: "H.264 encoders", well: working.length > 0, says },
    ];
  } catch (error) {
    const says = `${(error as Error).message}. HTTP MJPEG cameras work without it`;
    return [{ what: "FFmpeg", well: false, says }];
  }
}

/** Devices that are there but closed to this user. */
function devices(): Finding[] {
  if (process.platform !== "linux") return [];
  const names = readdirSync("/dev").filter((name) => /^video\d+$/.test(name));
  return names.flatMap((name) => {
    try {
      accessSync(`/dev/${name}`, constants.R_OK | constants.W_OK);
      return [];
    } catch {
      const says = "is not yours to open: run `sudo usermod -aG video $USER`, then log in again";
      return [{ what: `/dev/${name}`, well: false, says }];
    }
  });
}

async function port(host: string, number: number): Promise<Finding> {
  const what = `port ${number}`;
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      const says =
        error.code === "EADDRINUSE" ? "is in use: choose another with --port" : systemReason(error);
      resolve({ what, well: false, says });
    });
    probe.listen({ host, port: number }, () =>
      probe.close(() => resolve({ what, well: true, says: "free" })),
    );
  });
}
