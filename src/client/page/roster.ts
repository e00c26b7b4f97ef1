import type { CameraInfo } from "../../protocol/index.ts";

/** A camera that a server which starts anew does not list at first keeps its place this long. */
const KEEP_MS = 15_000;

/** Milliseconds in which a server lists its cameras once it has answered. What vanishes later was taken away by somebody. */
const LISTED_MS = 5_000;

interface Place {
  readonly camera: CameraInfo;
  readonly untilMs: number;
  readonly vanished: boolean;
}

/** The cameras that the page shows: those of the directory, and those that were there before a server started anew. */
export class Roster {
  readonly #places = new Map<string, Place>();

  /** The directory is `cameras` at `nowMs`, of a server that has been there for `openMs`. Whom to show, in the order of their names. */
  update(cameras: readonly CameraInfo[], nowMs: number, openMs: number): readonly CameraInfo[] {
    const listed = new Set(cameras.map(({ id }) => id));
    for (const [id, place] of this.#places) {
      if (listed.has(id)) continue;
      const isTakenAway = !place.vanished && openMs >= LISTED_MS;
      if (isTakenAway || place.untilMs <= nowMs) this.#places.delete(id);
      else if (!place.vanished) this.#places.set(id, { ...place, vanished: true });
    }
    for (const camera of cameras) {
      this.#places.set(camera.id, { camera, untilMs: nowMs + KEEP_MS, vanished: false });
    }
    const shown = [...this.#places.values()].map(({ camera }) => camera);
    return shown.sort(
      (a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }) || (a.id < b.id ? -1 : 1),
    );
  }
}
