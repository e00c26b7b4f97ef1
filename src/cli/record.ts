import type { Logger } from "pino";
import type { Address } from "../bus/index.ts";
import { createSource, run } from "../recorder/index.ts";
import type { CameraSpec } from "./camera-spec.ts";
import { linkToMapper } from "./mapper-link.ts";

/** Record one camera for the mapper at `address`, until `signal`. */
export async function record(
  camera: CameraSpec,
  address: Address,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<void> {
  const bus = linkToMapper(address, log, { subscribes: false });
  const source = createSource(camera.source, camera);
  await run(
    { id: camera.id, name: camera.name, source, keepOpen: camera.always ?? false },
    { bus, signal, log },
  );
  await bus[Symbol.asyncDispose]();
}
