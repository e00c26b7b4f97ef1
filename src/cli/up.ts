import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Address, type Bus, MemoryBus } from "../bus/index.ts";
import * as Mapper from "../mapper/mapper.ts";
import { type CameraInfo, now } from "../protocol/index.ts";
import { redact } from "../recorder/redact.ts";
import { mapperAddress } from "./addresses.ts";
import { type CameraSpec, type Device, firstCamera } from "./camera-spec.ts";
import { Child } from "./child.ts";
import { linkToMapper } from "./mapper-link.ts";
import { type Program, withoutOptions } from "./program.ts";
import { ORDERS_VARIABLE, type RecorderOrders } from "./recorder-orders.ts";
import { serve, serveByWorkers } from "./serve.ts";

/** Milliseconds that the search for cameras may take before the test picture is taken instead. */
const FIND_TIMEOUT_MS = 10_000;

/** The program of a recorder's process. */
const RECORDER_FILE = fileURLToPath(new URL("./recorder-main.js", import.meta.url));

/**
 * `up`: everything. Mapper and server in this process, each recorder in one of its own; with several workers, each of
 * them too.
 */
export async function up(program: Program): Promise<void> {
  const { config, log, signal, environment } = program;
  const { bus, mapper, expect, stop } = await openBus(program);
  const server = await (config.workers > 1 ? serveByWorkers(mapper, program) : serve(bus, program));
  const cameras = config.cameras.length > 0 ? config.cameras : [await findCamera(program)];
  announce(bus, cameras, program.say);
  // Before the recorders are there, and in the user's order: the first is the one of the simple protocol.
  for (const camera of cameras) expect(expected(camera, { state: "opening" }));
  const recorders = cameras.map(
    (camera) =>
      new Child({
        file: RECORDER_FILE,
        environment: {
          ...withoutOptions(environment),
          [ORDERS_VARIABLE]: JSON.stringify({
            camera,
            mapper,
            logLevel: config.logLevel,
          } satisfies RecorderOrders),
        },
        ended: (how) => {
          const reason = `its recorder has ended (${how})`;
          log.warn(`${camera.id}: ${reason}; it is started again`);
          expect(expected(camera, { state: "gone", reason }));
        },
      }),
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await Promise.all([server.stopped, ...recorders.map((recorder) => recorder.stop())]);
  // After the recorders: one that loses its mapper would only complain.
  await stop();
}

/** A bus of this process, and how recorders reach it. */
interface OpenBus {
  readonly bus: Bus;
  readonly mapper: Address;
  /** List a camera whose recorder is not there yet; does nothing at a mapper in another process. */
  readonly expect: (camera: CameraInfo) => void;
  readonly stop: () => Promise<void>;
}

/** The mapper of this process, or the one that the user named. */
async function openBus(program: Program): Promise<OpenBus> {
  const { config, log, environment } = program;
  if (config.mapper !== undefined) {
    const bus = linkToMapper(config.mapper, log, { subscribes: true });
    return {
      bus,
      mapper: config.mapper,
      expect: () => {},
      stop: () => bus[Symbol.asyncDispose](),
    };
  }
  const bus = new MemoryBus();
  const address = mapperAddress(`up-${process.pid}`, environment);
  const controller = new AbortController();
  const running = await Mapper.run({ address, bus, log, signal: controller.signal });
  const stop = async (): Promise<void> => {
    controller.abort();
    await running.stopped;
    await bus[Symbol.asyncDispose]();
  };
  return { bus, mapper: running.address, expect: (camera) => bus.expect(camera), stop };
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

/** A camera as it stands in the directory while its recorder is not there. */
function expected(camera: CameraSpec, state: Pick<CameraInfo, "state" | "reason">): CameraInfo {
  return {
    id: camera.id,
    name: camera.name,
    source: redact(camera.source),
    since: now(),
    tracks: [],
    ...state,
  };
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
  const name = camera.name === camera.id ? camera.source : `${camera.name} (${camera.source})`;
  const size = track?.width === undefined ? "" : `, ${track.width}x${track.height}`;
  const rate = track?.rate === undefined ? "" : ` at ${Math.round(track.rate * 100) / 100}/s`;
  return `${camera.id}: ${name}${size}${rate}`;
}
