import { type Address, formatAddress, MemoryBus } from "../bus/index.ts";
import * as Mapper from "../mapper/mapper.ts";
import type { Family } from "../server/metrics/family.ts";
import { mapperAddress } from "./addresses.ts";
import { firstCamera } from "./camera-spec.ts";
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
    return stopped;
  }
  const bus = await linkToMapper(meetingPlace(program), program.log, { subscribes: true });
  const running = await serve(bus, program, { unready: () => unready(bus) });
  await running.stopped;
  await bus[Symbol.asyncDispose]();
}

/** `recorder`: one camera, for a mapper. */
export async function recorder(program: Program): Promise<void> {
  const { config } = program;
  if (config.cameras.length > 1) {
    throw new UsageError("--camera: a recorder serves one camera: expected it once; `up` takes many");
  }
  const { listDevices } = await import("../recorder/index.ts");
  const { record } = await import("./record.ts");
  const camera = config.cameras[0] ?? firstCamera(await listDevices(config.engine), config.settings);
  await record(camera, meetingPlace(program), { ...program, engine: config.engine, restarts: false });
}
