import type { Gop } from "../flow/index.ts";
import { type CameraInfo, hasFailed } from "../protocol/index.ts";

/** What a lane has at least. */
interface Held {
  /** What is held of its track. */
  readonly gop: Gop;
}

/** The tracks of a camera on their way to a hub, each with what is held of it. */
export class Lanes<Lane extends Held> extends Map<string, Lane> {
  readonly #create: (track: string) => Lane;

  /** `create` makes the lane of a track that is met for the first time. */
  constructor(create: (track: string) => Lane) {
    super();
    this.#create = create;
  }

  /** Frames that could not leave: replaced by newer ones, or without their predecessors. */
  get dropped(): number {
    let sum = 0;
    for (const { gop } of this.values()) sum += gop.overwritten + gop.orphans;
    return sum;
  }

  /** The lane of a track. */
  of(track: string): Lane {
    let lane = this.get(track);
    if (lane === undefined) {
      lane = this.#create(track);
      this.set(track, lane);
    }
    return lane;
  }

  /** What is held of a camera that is closed or has failed is of the past. */
  follow(camera: CameraInfo): void {
    if (camera.state !== "closed" && !hasFailed(camera)) return;
    for (const { gop } of this.values()) gop.clear();
  }
}
