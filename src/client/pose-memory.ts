import { format, isUpright, type Pose, parse, UPRIGHT } from "./pose.ts";

/** Names in the browser's storage begin with this: it belongs to the whole site. */
const PREFIX = "hello-camera-pose ";

/** What of a browser's storage is used. */
export type Shelf = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** How the pictures of cameras were held when somebody last saw them, in this browser. */
export class PoseMemory {
  readonly #shelf: () => Shelf;

  /** `shelf` may throw: a browser that keeps nothing forgets, and that is all. */
  constructor(shelf: () => Shelf = () => localStorage) {
    this.#shelf = shelf;
  }

  /** How the picture of `camera` was held; the camera by a name that no other server's has. */
  recall(camera: string): Pose {
    try {
      return parse(this.#shelf().getItem(PREFIX + camera) ?? "") ?? UPRIGHT;
    } catch {
      return UPRIGHT;
    }
  }

  /** It is held like this now. */
  keep(camera: string, pose: Pose): void {
    try {
      if (isUpright(pose)) this.#shelf().removeItem(PREFIX + camera);
      else this.#shelf().setItem(PREFIX + camera, format(pose));
    } catch {
      // Full, or forbidden: the picture is upright the next time.
    }
  }
}
