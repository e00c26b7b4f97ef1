import type { Logger } from "pino";
import type { Address } from "../bus/index.ts";
import { createSource, type EngineChoice, type RunEnd, run } from "../recorder/index.ts";
import type { CameraSpec } from "./camera-spec.ts";
import { linkToMapper } from "./mapper-link.ts";

/** Record one camera for the mapper at `address`, until `signal`; `restarts`: or until only a new process can help. */
export async function record(
  camera: CameraSpec,
  address: Address,
  {
    engine,
    log,
    signal,
    restarts,
  }: {
    readonly engine: EngineChoice;
    readonly log: Logger;
    readonly signal: AbortSignal;
    readonly restarts: boolean;
  },
): Promise<RunEnd> {
  const bus = await linkToMapper(address, log, { subscribes: false });
  const source = createSource(camera.source, {
    ...camera,
    engine: { ...engine, say: (line) => log.warn(`${camera.id}: ${line}`) },
  });
  const end = await run(
    {
      id: camera.id,
      name: camera.name,
      source,
      keepOpen: camera.always ?? false,
      warmupMs: 1000 * (camera.warmup ?? 0),
      restarts,
    },
    { bus, signal, log },
  );
  await bus[Symbol.asyncDispose]();
  return end;
}
