import type { LinkedBus } from "./mapper-link.ts";

/** Milliseconds for which a mapper elsewhere may take to notice the end of a recorder: it reads its sockets all the time. */
const NOTICE_MS = 10_000;

/**
 * Cameras that are removed for good, at a mapper elsewhere. It hears of the end of a recorder when that connection ends, which may be
 * after this program has asked to forget the camera: so that is asked again when it has.
 */
export class Farewells {
  readonly #bus: Pick<LinkedBus, "forget" | "camera">;
  readonly #due = new Map<string, NodeJS.Timeout>();

  constructor(bus: Pick<LinkedBus, "forget" | "camera" | "follow">) {
    this.#bus = bus;
    bus.follow((id, camera) => {
      if (!this.#due.has(id)) return;
      if (camera === undefined) this.takeBack(id);
      else bus.forget(id);
    });
  }

  /** Forget a camera whose recorder has ended. */
  say(id: string): void {
    if (this.#bus.camera(id) === undefined) return;
    this.takeBack(id);
    this.#due.set(id, setTimeout(() => this.#due.delete(id), NOTICE_MS).unref());
    this.#bus.forget(id);
  }

  /** It is there again. */
  takeBack(id: string): void {
    clearTimeout(this.#due.get(id));
    this.#due.delete(id);
  }
}
