import type { Logger } from "pino";
import type { Address } from "../bus/index.ts";
import { createSource, type EngineChoice, type RunEnd, run } from "../recorder/index.ts";
import type { CameraSpec } from "./camera-spec.ts";
import { linkToMapper } from "./mapper-link.ts";

/** When a camera is recorded no longer, and what happens then. */
export interface RecordOptions {
  /** What works with video. */
  readonly engine: EngineChoice;
  readonly log: Logger;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** It also ends when only a new process can help. */
  readonly restarts: boolean;
  /** Asked at its end: whether nobody shall list the camera any longer. */
  readonly leaves?: () => boolean;
}

/** Record one camera for the mapper at `address`. */
export async function record(
  camera: CameraSpec,
  address: Address,
  { engine, log, signal, restarts, leaves }: RecordOptions,
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
  if (leaves?.() === true) bus.forget(camera.id);
  await bus[Symbol.asyncDispose]();
  return end;
}
