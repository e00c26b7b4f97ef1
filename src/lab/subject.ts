import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Device } from "./device.ts";
import { HelloViewer } from "./hello-viewer.ts";
import { LabError } from "./lab-error.ts";
import { MjpegViewer } from "./mjpeg-viewer.ts";
import { isExecutable, isReadable, onPath } from "./on-path.ts";
import { PollingViewer } from "./polling-viewer.ts";
import { Process } from "./process.ts";
import type { OpenViewer } from "./viewer.ts";

/** The name of our server in tables. */
export const OURS = "hello-websocket";

/** The camera's id in our server. */
export const CAMERA_ID = "lab";

/** Opens our server where it does not listen on loopback. */
const TOKEN = "measured-behind-a-link";

/** Where the Python original looks for Redis, whatever it is told. */
const REDIS_PORT = 6379;

/** What a program is started with. */
export interface Start {
  /** Words in front of its command. */
  readonly prefix: readonly string[];
  readonly host: string;
  readonly port: number;
  /** The camera: HTTP MJPEG. */
  readonly cameraUrl: string;
  /** The camera as a V4L2 device. Throws where that cannot be. */
  readonly device: () => Device;
}

/** A program that brings a camera to viewers, and how one watches it. */
export interface Subject {
  readonly name: string;
  /** The only port that it knows. */
  readonly port?: number;
  /** Those that its helpers know: what listens there may be somebody's own, and they write to it. */
  readonly helperPorts?: readonly number[];
  /** Sent with a viewer's address. */
  readonly token?: string;
  readonly start: (options: Start) => Process;
  /** Its page, where the lab can read what that shows; `any`: with whatever track it chooses. */
  readonly pages?: { readonly still: string; readonly any: string };
  /** A viewer of its JPEGs. */
  readonly watch: OpenViewer;
}

/** A program of somebody else's: how it is called, and what becomes of its file. */
interface Rival {
  readonly name: string;
  /** The command to look for on the path. */
  readonly command: string;
  /** Its file is run by an interpreter. */
  readonly script?: true;
  readonly subject: (file: string) => Subject;
}

const RIVALS: readonly Rival[] = [
  {
    name: "mjpg-streamer",
    command: "mjpg_streamer",
    subject: (file) => ({
      name: "mjpg-streamer",
      start: ({ prefix, port, cameraUrl }) => {
        const { hostname, port: cameraPort } = new URL(cameraUrl);
        const plugins = join(dirname(file), "../lib/mjpg-streamer");
        const input = `${plugins}/input_http.so -H ${hostname} -p ${cameraPort}`;
        return new Process([...prefix, file, "-i", input, "-o", `${plugins}/output_http.so -p ${port}`]);
      },
      watch: (place, shown) => MjpegViewer.open(place, "/?action=stream", shown),
    }),
  },
  {
    name: "ustreamer",
    command: "ustreamer",
    subject: (file) => ({
      name: "µStreamer",
      start: ({ prefix, host, port, device }) => {
        const camera = device();
        const input = ["--device", camera.path, "--resolution", "1280x720", "--desired-fps", "30"];
        // The camera's JPEGs, untouched.
        const format = ["--format", "MJPEG", "--encoder", "HW"];
        const output = ["--host", host, "--port", String(port), "--tcp-nodelay"];
        return new Process([...prefix, ...camera.prefix, file, ...input, ...format, ...output]);
      },
      watch: (place, shown) => MjpegViewer.open(place, "/stream", shown),
    }),
  },
  {
    name: "go2rtc",
    command: "go2rtc",
    subject: (file) => ({
      name: "go2rtc",
      start: ({ prefix, host, port, cameraUrl }) => {
        const config = {
          api: { listen: `${host}:${port}` },
          rtsp: { listen: "" },
          webrtc: { listen: "" },
          streams: { [CAMERA_ID]: cameraUrl },
        };
        return new Process([...prefix, file, "-config", JSON.stringify(config)]);
      },
      watch: (place, shown) => MjpegViewer.open(place, `/api/stream.mjpeg?src=${CAMERA_ID}`, shown),
    }),
  },
  {
    name: "python",
    command: "hello-websocket-python",
    script: true,
    subject: (file) => ({
      name: "Python original",
      port: 9000,
      helperPorts: [REDIS_PORT],
      start: ({ prefix, cameraUrl }) => {
        const recorder = fileURLToPath(new URL("../../bench/original-recorder.py", import.meta.url));
        const address = ["--bind", "127.0.0.1", "--port", String(REDIS_PORT)];
        return new Process(
          [...prefix, "/usr/bin/python3", file],
          [
            new Process([...prefix, "redis-server", ...address, "--save", "", "--dir", tmpdir()]),
            new Process([...prefix, "/usr/bin/python3", recorder, cameraUrl]),
          ],
        );
      },
      watch: (place, shown) => PollingViewer.open(place, shown),
    }),
  },
];

/** Names of the rivals that the lab knows. */
export const RIVAL_NAMES: readonly string[] = RIVALS.map(({ name }) => name);

/** Our own server: `command` are the words that start it. */
export function ours(command: readonly string[]): Subject {
  return {
    name: OURS,
    token: TOKEN,
    pages: { still: "/?track=jpeg", any: "/" },
    start: ({ prefix, host, port, cameraUrl }) => {
      const camera = `${CAMERA_ID}=${cameraUrl}`;
      const address = ["--host", host, "--port", String(port), "--token", TOKEN];
      return new Process([...prefix, ...command, "up", "--camera", camera, ...address]);
    },
    watch: (place, shown) => HelloViewer.open(place, { camera: CAMERA_ID, track: "jpeg" }, shown),
  };
}

/**
 * The rivals that are there: named by `paths`, else on the path; and the names of those that are not.
 * @throws LabError if one is not where `paths` says
 */
export function findRivals(
  wanted: readonly string[],
  paths: ReadonlyMap<string, string>,
): { readonly found: readonly Subject[]; readonly missing: readonly string[] } {
  const found: Subject[] = [];
  const missing: string[] = [];
  for (const { name, command, script, subject } of RIVALS) {
    if (!wanted.includes(name)) continue;
    const named = paths.get(name);
    const [right, fit] = script ? ["read", isReadable] : ["run", isExecutable];
    if (named !== undefined && !fit(named)) {
      throw new LabError(`--rival: ${name} is not at "${named}": expected a file that I may ${right}`);
    }
    const file = named ?? onPath(command);
    if (file !== undefined && isReadable(file)) found.push(subject(file));
    else missing.push(name);
  }
  return { found, missing };
}
