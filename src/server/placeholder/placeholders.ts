import type { Bus } from "../../bus/index.ts";
import { type CameraInfo, hasFailed } from "../../protocol/index.ts";
import { MJPEG_BOUNDARY } from "../frame-bytes.ts";
import { placeholder } from "./placeholder.ts";

/** Milliseconds between two copies of a placeholder in a stream: who reads it knows that it is alive. */
const REPEAT_MS = 1000;

/** What is drawn of a camera; as long as it stays the same, so does the picture. */
interface Drawn {
  readonly key: string;
  readonly jpeg: Uint8Array;
  readonly part: Buffer;
}

/** Pictures for cameras that have failed, each drawn once, for all who would see the camera otherwise. */
export class Placeholders {
  readonly #bus: Bus;
  readonly #drawn = new Map<string, Drawn>();
  readonly #readers = new Map<string, Set<(part: Buffer) => void>>();
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
   * Call `show` with a part of `stream.mjpg` at once if this camera has failed, when it does, and each second until it is
   * well; until the answer is called.
   */
  follow(camera: string, show: (part: Buffer) => void): () => void {
    this.#unfollow ??= this.#bus.follow((id, info) => this.#changed(id, info));
    this.#timer ??= setInterval(() => this.#repeat(), REPEAT_MS).unref();
    const readers = this.#readers.get(camera) ?? new Set();
    this.#readers.set(camera, readers.add(show));
    const info = this.#bus.camera(camera);
    if (info !== undefined && hasFailed(info)) show(this.#draw(info).part);
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
    const { part } = this.#draw(info);
    for (const show of readers) show(part);
  }

  #draw(info: CameraInfo): Drawn {
    const key = keyOf(info);
    const known = this.#drawn.get(info.id);
    if (known?.key === key) return known;
    const jpeg = placeholder(info);
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.byteLength}\r\nX-State: ${info.state}\r\n\r\n`;
    const part = Buffer.concat([Buffer.from(head), jpeg, Buffer.from(`\r\n--${MJPEG_BOUNDARY}\r\n`)]);
    const drawn = { key, jpeg, part };
    this.#drawn.set(info.id, drawn);
    return drawn;
  }
}

function keyOf({ state, reason, since, lastFrameAt, name }: CameraInfo): string {
  return JSON.stringify([state, reason, since, lastFrameAt, name]);
}
