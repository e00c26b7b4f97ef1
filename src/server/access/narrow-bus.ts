import { type Bus, ControlError, type Publication, type Subscription } from "../../bus/index.ts";
import type { CameraInfo } from "../../protocol/index.ts";

/** A track that is not there. */
const NOTHING: Subscription = {
  number: undefined,
  newest: undefined,
  after: () => undefined,
  postpone: () => false,
  skip: () => {},
  wantKeyframe: () => {},
  close: () => {},
};

/**
 * The bus as a visitor sees it: with all cameras, or with some of them as if there were no others. Who is shown some is a guest: where
 * they hang, by number, port or address in a house's network, is not told.
 */
export function narrow(bus: Bus, cameras: ReadonlySet<string> | undefined): Bus {
  return cameras === undefined ? bus : new NarrowBus(bus, cameras);
}

class NarrowBus implements Bus {
  readonly #bus: Bus;
  readonly #seen: ReadonlySet<string>;
  /** All cameras, and what is shown of them. */
  #all: readonly CameraInfo[] = [];
  #shown: readonly CameraInfo[] = [];

  constructor(bus: Bus, seen: ReadonlySet<string>) {
    this.#bus = bus;
    this.#seen = seen;
  }

  publish(): Publication {
    throw new Error("who sees some of the cameras only publishes none");
  }

  subscribe(...[camera, track, events]: Parameters<Bus["subscribe"]>): Subscription {
    return this.#seen.has(camera) ? this.#bus.subscribe(camera, track, events) : NOTHING;
  }

  cameras(): readonly CameraInfo[] {
    const all = this.#bus.cameras();
    if (all !== this.#all) {
      this.#all = all;
      this.#shown = all.filter(({ id }) => this.#seen.has(id)).map(withoutSource);
    }
    return this.#shown;
  }

  camera(id: string): CameraInfo | undefined {
    const camera = this.#seen.has(id) ? this.#bus.camera(id) : undefined;
    return camera && withoutSource(camera);
  }

  figures(id: string): ReturnType<Bus["figures"]> {
    return this.#seen.has(id) ? this.#bus.figures(id) : [];
  }

  async adjust(...[camera, set]: Parameters<Bus["adjust"]>): ReturnType<Bus["adjust"]> {
    if (!this.#seen.has(camera)) throw new ControlError("there is no such camera");
    return await this.#bus.adjust(camera, set);
  }

  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void {
    return this.#bus.follow((id, camera) => {
      if (this.#seen.has(id)) changed(id, camera && withoutSource(camera));
    });
  }

  /** The bus is others' too. */
  async [Symbol.asyncDispose](): Promise<void> {}
}

// Reasons name it: `cannot open rtsp://10.0.0.5/: no answer`.
function withoutSource(camera: CameraInfo): CameraInfo {
  const { source, reason } = camera;
  if (source === "") return camera;
  return {
    ...camera,
    source: "",
    ...(reason !== undefined && { reason: reason.replaceAll(source, "the camera") }),
  };
}
