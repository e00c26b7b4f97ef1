import { type Address, formatAddress, MemoryBus } from "../bus/index.ts";
import * as Mapper from "../mapper/mapper.ts";
import type { Family } from "../server/metrics/family.ts";
import { mapperAddress } from "./addresses.ts";
import { type CameraSpec, firstCamera } from "./camera-spec.ts";
import { CAMERA_KEYS, COMMON_KEYS, ENGINE_KEYS, SERVER_KEYS } from "./config/reload.ts";
import type { Config } from "./config.ts";
import { linkToMapper, unready } from "./mapper-link.ts";
import type { Program } from "./program.ts";
import { Restarts } from "./restarts.ts";
import { UsageError } from "./usage-error.ts";

/** The mapper that the three programs meet at: the one that the user named, or the usual one. */
function meetingPlace({ config, environment }: Program): Address {
  return config.mapper ?? mapperAddress("mapper", environment);
}

/** `mapper`: keeps the newest frames, alone. */
export async function mapper(program: Program): Promise<void> {
  const { log, signal, say } = program;
  const address = meetingPlace(program);
  if (address.kind === "nats") {
    throw new UsageError("--mapper: NATS is the mapper itself: expected unix:PATH or tcp://HOST:PORT");
  }
  const bus = new MemoryBus();
  const running = await Mapper.run({ address, bus, log, signal });
  say(`mapper: ${formatAddress(running.address)}`);
  program.reload.follow(COMMON_KEYS);
  await running.stopped;
  await bus[Symbol.asyncDispose]();
}

/** `server`: HTTP and WebSocket, with the cameras of a mapper. */
export async function server(program: Program): Promise<void> {
  const { serve, serveByWorkers } = await import("./serve.ts");
  if (program.config.workers > 1) {
    const place = meetingPlace(program);
    // What NATS refuses to one it refuses to all: better said once, here, than by each worker for ever.
    if (place.kind === "nats") {
      const bus = await linkToMapper(place, program.log, { subscribes: true });
      await bus[Symbol.asyncDispose]();
    }
    const restarts = new Restarts();
    const families = (): readonly Family[] => restarts.families();
    const { stopped } = await serveByWorkers(place, program, { restarts, families });
    program.reload.follow(SERVER_KEYS);
    return stopped;
  }
  const bus = await linkToMapper(meetingPlace(program), program.log, { subscribes: true });
  const running = await serve(bus, program, { unready: () => unready(bus) });
  program.reload.follow(SERVER_KEYS);
  await running.stopped;
  await bus[Symbol.asyncDispose]();
}

/** `recorder`: one camera, for a mapper. */
export async function recorder(program: Program): Promise<void> {
  const { config, log, signal, reload } = program;
  checkOne(config);
  const { listDevices } = await import("../recorder/index.ts");
  const { record } = await import("./record.ts");
  const choose = async ({ cameras, settings }: Config): Promise<CameraSpec> =>
    cameras[0] ?? firstCamera(await listDevices(config.engine), settings);
  let camera = await choose(config);
  let turn = new AbortController();
  const take = async (next: Config): Promise<void> => {
    camera = await choose(next);
    turn.abort();
  };
  reload.on(CAMERA_KEYS, take, checkOne);
  reload.follow([...COMMON_KEYS, ...CAMERA_KEYS, ...ENGINE_KEYS]);
  do {
    turn = new AbortController();
    const { id } = camera;
    await record(camera, meetingPlace(program), {
      engine: config.engine,
      log,
      signal: AbortSignal.any([signal, turn.signal]),
      restarts: false,
      leaves: () => camera.id !== id,
    });
  } while (turn.signal.aborted && !signal.aborted);
}

/** @throws UsageError if there are more cameras than a recorder serves */
function checkOne({ cameras }: Config): void {
  if (cameras.length > 1) {
    throw new UsageError("--camera: a recorder serves one camera: expected it once; `up` takes many");
  }
}
