import type { CameraInfo } from "../../protocol/index.ts";

/** A camera that vanished from the directory keeps its place this long: a server that starts anew lists none at first. */
const KEEP_MS = 15_000;

/** The cameras that the page shows: those of the directory, and those that were there a moment ago. */
export class Roster {
  readonly #places = new Map<string, { camera: CameraInfo; untilMs: number }>();

  /** The directory is `cameras` at `nowMs`. Whom to show, in the order of their names. */
  update(cameras: readonly CameraInfo[], nowMs: number): readonly CameraInfo[] {
    for (const camera of cameras) this.#places.set(camera.id, { camera, untilMs: nowMs + KEEP_MS });
    for (const [id, { untilMs }] of this.#places) if (untilMs <= nowMs) this.#places.delete(id);
    const shown = [...this.#places.values()].map(({ camera }) => camera);
    return shown.sort(
      (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }) || (a.id < b.id ? -1 : 1),
    );
  }
}
