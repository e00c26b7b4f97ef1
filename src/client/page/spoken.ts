import type { CameraInfo } from "../../protocol/index.ts";

/** Cameras that changed at once and are still named one by one. */
const MOST_NAMES = 3;

/** What has become of the cameras, in words for who cannot see the wall: only of those that fail or are well again. */
export class Spoken {
  #failed: ReadonlyMap<string, string> | undefined;

  /** They are like this now: what to say, `undefined` if nothing has changed. */
  update(cameras: readonly CameraInfo[]): string | undefined {
    const failed = new Map<string, string>();
    for (const { id, state } of cameras) if (state === "gone" || state === "stalled") failed.set(id, state);
    const before = this.#failed;
    this.#failed = failed;
    if (before === undefined) return undefined;
    const changed = cameras.filter(({ id }) => before.get(id) !== failed.get(id));
    if (changed.length === 0) return undefined;
    if (changed.length > MOST_NAMES) return count(cameras.length, failed.size);
    return changed.map(({ id, name }) => `${name} ${failed.get(id) ?? "is back"}`).join(", ");
  }
}

function count(cameras: number, failed: number): string {
  return failed === 0 ? `All ${cameras} cameras are well` : `${failed} of ${cameras} cameras give no picture`;
}
