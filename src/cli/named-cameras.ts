import type { Logger } from "pino";
import type { CameraSpec } from "./camera-spec.ts";
import type { Recorders } from "./recorders.ts";

/** Record `wanted` and nothing else. A camera that stays as it is notices nothing; one that is to be other is closed and opened again. */
export async function recordOnly(
  wanted: readonly CameraSpec[],
  recorders: Pick<Recorders, "cameras" | "start" | "stop" | "replace">,
  log: Pick<Logger, "info">,
): Promise<void> {
  const running = new Map(recorders.cameras().map((camera) => [camera.id, camera]));
  const kept = new Set(wanted.map(({ id }) => id));
  const work: Promise<void>[] = [];
  for (const id of running.keys()) {
    if (kept.has(id)) continue;
    log.info(`camera ${id} is removed`);
    work.push(recorders.stop(id));
  }
  for (const camera of wanted) {
    const old = running.get(camera.id);
    if (old === undefined) {
      log.info(`camera ${camera.id} is added`);
      recorders.start(camera);
    } else if (!same(old, camera)) {
      log.info(`camera ${camera.id} is changed`);
      work.push(recorders.replace(camera));
    }
  }
  await Promise.all(work);
}

/** Whether two cameras are wanted alike, whatever the order in which that is said. */
function same(a: CameraSpec, b: CameraSpec): boolean {
  return text(a) === text(b);
}

function text(camera: CameraSpec): string {
  const said = Object.entries(camera).filter(([, value]) => value !== undefined);
  return JSON.stringify(said.sort(([one], [other]) => (one < other ? -1 : 1)));
}
