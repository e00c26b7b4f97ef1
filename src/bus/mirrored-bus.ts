import type { CameraControl, CameraInfo } from "../protocol/index.ts";
import type {
  Bus,
  Publication,
  PublisherEvents,
  SubscriberEvents,
  Subscription,
  TrackFigures,
} from "./bus.ts";
import { MemoryBus } from "./memory-bus.ts";

/** A bus to a hub elsewhere: subscribers take from a memory bus of this process, on which it repeats what is there. */
export abstract class MirroredBus implements Bus {
  /** What is repeated here. */
  protected readonly local: MemoryBus = new MemoryBus();

  /** See {@link Bus.publish}. */
  abstract publish(camera: CameraInfo, events: PublisherEvents): Publication;

  /** See {@link Bus.subscribe}. */
  subscribe(camera: string, track: string, events: SubscriberEvents): Subscription {
    return this.local.subscribe(camera, track, events);
  }

  /** See {@link Bus.cameras}. */
  cameras(): readonly CameraInfo[] {
    return this.local.cameras();
  }

  /** See {@link Bus.camera}. */
  camera(id: string): CameraInfo | undefined {
    return this.local.camera(id);
  }

  /** See {@link Bus.figures}. */
  figures(id: string): readonly TrackFigures[] {
    return this.local.figures(id);
  }

  /** See {@link Bus.adjust}. */
  adjust(id: string, set: ReadonlyMap<string, number>): Promise<readonly CameraControl[]> {
    return this.local.adjust(id, set);
  }

  /** See {@link Bus.follow}. */
  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void {
    return this.local.follow(changed);
  }

  /** Nobody shall list a camera any longer whose recorder has ended. No effect while one feeds it. */
  abstract forget(id: string): void;

  /** Say good-bye and end the connection. */
  abstract [Symbol.asyncDispose](): Promise<void>;
}
