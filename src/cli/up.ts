import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Bus, formatAddress, MemoryBus } from "../bus/index.ts";
import * as Mapper from "../mapper/mapper.ts";
import type { CameraInfo } from "../protocol/index.ts";
import { mapperAddress } from "./addresses.ts";
import { type CameraSpec, type Device, firstCamera, formatCamera } from "./camera-spec.ts";
import { Child } from "./child.ts";
import { linkToMapper } from "./mapper-link.ts";
import type { Program } from "./program.ts";
import { serve } from "./serve.ts";

/** Milliseconds that the search for cameras may take before the test picture is taken instead. */
const FIND_TIMEOUT_MS = 10_000;

/**
 * Flags of Node in a recorder: its heap holds little, and a small young generation keeps it that way. Frames are
 * outside the heap.
 */
const RECORDER_FLAGS = ["--max-semi-space-size=1", "--max-old-space-size=64"] as const;

/** `up`: everything. Mapper and server in this process, each recorder in one of its own. */
export async function up(program: Program): Promise<void> {
  const { config, log, signal, file, environment } = program;
  const { bus, mapper, stopped } = await openBus(program);
  const server = await serve(bus, program);
  const cameras = config.cameras.length > 0 ? config.cameras : [await findCamera(program)];
  announce(bus, cameras, program.say);
  const recorders = cameras.map(
    (camera) =>
      new Child({
        command: [file, "recorder"],
        nodeFlags: RECORDER_FLAGS,
        // In the environment, not in the arguments: any user may list those, and a source may hold a password.
        environment: {
          ...withoutOptions(environment),
          HELLO_CAMERA: formatCamera(camera),
          HELLO_MAPPER: mapper,
          HELLO_LOG_LEVEL: config.logLevel,
        },
        ended: (how) => log.warn(`${camera.id}: its recorder has ended (${how}); it is started again`),
      }),
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.all([server.stopped, ...recorders.map((recorder) => recorder.stop())]);
  await stopped();
}

/** The mapper of this process, or the one that the user named; and its address for recorders. */
async function openBus(program: Program): Promise<{ bus: Bus; mapper: string; stopped: () => Promise<void> }> {
  const { config, log, signal, environment } = program;
  if (config.mapper !== undefined) {
    const bus = linkToMapper(config.mapper, log, { subscribes: true });
    return { bus, mapper: formatAddress(config.mapper), stopped: () => bus[Symbol.asyncDispose]() };
  }
  const bus = new MemoryBus();
  const address = mapperAddress(`up-${process.pid}`, environment);
  const running = await Mapper.run({ address, bus, log, signal });
  const stopped = async (): Promise<void> => {
    await running.stopped;
    await bus[Symbol.asyncDispose]();
  };
  return { bus, mapper: formatAddress(running.address), stopped };
}

/** The first camera that is plugged in. Found in a process of its own: drivers may crash, and FFmpeg is large. */
async function findCamera({ config, log, file }: Program): Promise<CameraSpec> {
  let devices: Device[] = [];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file, "cameras", "--json"], {
      timeout: FIND_TIMEOUT_MS,
    });
    devices = JSON.parse(stdout) as Device[];
  } catch (error) {
    log.debug(`no camera was found: ${String(error)}`);
  }
  return firstCamera(devices, config.settings);
}

/** Say once of each camera what it gives, when it first is live. */
function announce(bus: Bus, cameras: readonly CameraSpec[], say: (line: string) => void): void {
  const waiting = new Set(cameras.map(({ id }) => id));
  const unfollow = bus.follow((id, camera) => {
    if (camera?.state !== "live" || !waiting.delete(id)) return;
    say(describe(camera));
    if (waiting.size === 0) unfollow();
  });
}

/** A live camera in one line. */
export function describe(camera: CameraInfo): string {
  const track = camera.tracks[0];
  const name = camera.name === camera.id ? "" : ` ${camera.name}`;
  const size = track?.width === undefined ? "" : `, ${track.width}x${track.height}`;
  const rate = track?.rate === undefined ? "" : ` at ${Math.round(track.rate * 100) / 100}/s`;
  return `${camera.id}:${name} (${camera.source})${size}${rate}`;
}

/** The environment without this program's own options: they are the parent's, a token above all. */
function withoutOptions(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith("HELLO_")));
}
