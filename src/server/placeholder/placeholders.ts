import type { Bus } from "../../bus/index.ts";
import { type CameraInfo, type CameraState, hasFailed } from "../../protocol/index.ts";
import { placeholder } from "./placeholder.ts";

/** Milliseconds between two copies of a placeholder in a stream: who reads it knows that it is alive. */
const REPEAT_MS = 1000;

/** A picture that stands for a camera's own. As long as the camera's state is the same, so is this object. */
export interface Shown {
  readonly jpeg: Uint8Array;
  readonly state: CameraState;
}

/** What is drawn of a camera; as long as it stays the same, so does the picture. */
interface Drawn {
  readonly key: string;
  readonly shown: Shown;
}

/** Pictures for cameras that have failed, each drawn once, for all who would see the camera otherwise. */
export class Placeholders {
  readonly #bus: Bus;
  readonly #drawn = new Map<string, Drawn>();
  readonly #readers = new Map<string, Set<(shown: Shown) => void>>();
  #timer: NodeJS.Timeout | undefined;
  #unfollow: (() => void) | undefined;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  /** A JPEG that says how `camera` is. */
  jpeg(camera: CameraInfo): Uint8Array {
    return this.#draw(camera).jpeg;
  }

  /**
   * Call `show` with a picture at once if this camera has failed, when it does, and each second until it is
   * well; until the answer is called.
   */
  follow(camera: string, show: (shown: Shown) => void): () => void {
    this.#unfollow ??= this.#bus.follow((id, info) => this.#changed(id, info));
    this.#timer ??= setInterval(() => this.#repeat(), REPEAT_MS).unref();
    const readers = this.#readers.get(camera) ?? new Set();
    this.#readers.set(camera, readers.add(show));
    const info = this.#bus.camera(camera);
    if (info !== undefined && hasFailed(info)) show(this.#draw(info));
    return () => {
      readers.delete(show);
      if (readers.size === 0 && this.#readers.get(camera) === readers) this.#readers.delete(camera);
      if (this.#readers.size > 0) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#unfollow?.();
      this.#unfollow = undefined;
    };
  }

  #changed(id: string, info: CameraInfo | undefined): void {
    if (info === undefined || !hasFailed(info)) {
      this.#drawn.delete(id);
    } else if (this.#drawn.get(id)?.key !== keyOf(info)) {
      this.#show(info);
    }
  }

  #repeat(): void {
    for (const id of this.#readers.keys()) {
      const info = this.#bus.camera(id);
      if (info !== undefined && hasFailed(info)) this.#show(info);
    }
  }

  #show(info: CameraInfo): void {
    const readers = this.#readers.get(info.id);
    if (readers === undefined) return;
    const shown = this.#draw(info);
    for (const show of readers) show(shown);
  }

  #draw(info: CameraInfo): Shown {
    const key = keyOf(info);
    const known = this.#drawn.get(info.id);
    if (known?.key === key) return known.shown;
    const shown = { jpeg: placeholder(info), state: info.state };
    this.#drawn.set(info.id, { key, shown });
    return shown;
  }
}

function keyOf({ state, reason, since, lastFrameAt, name }: CameraInfo): string {
  return JSON.stringify([state, reason, since, lastFrameAt, name]);
}
