import type { CameraInfo, Frame } from "../protocol/index.ts";

/** What a hub's tracks tell a subscriber. Called synchronously and for every frame: do little, and never throw. */
export interface SubscriberEvents {
  /** There may be a frame to take: {@link Subscription.after} says which. */
  frame(): void;

  /** The track has another {@link Subscription.number} from now on: a new run of its recorder. */
  renumbered(): void;
}

/** One subscriber's view of one track. */
export interface Subscription {
  /** The track's number at this hub; `undefined` while nobody publishes it. */
  readonly number: number | undefined;

  /** The newest frame, if there is any. */
  readonly newest: Frame.Frame | undefined;

  /** The frame to take after `sequence`, by the rule of `Gop.after`. */
  after(sequence: number | undefined): Frame.Frame | undefined;

  /** Say that one cannot go on without a keyframe. */
  wantKeyframe(): void;

  /** No more events. May be called twice. */
  close(): void;
}

/** The cameras and tracks that a hub gives its receivers: those of a bus, or of another hub. */
export interface Tracks {
  /** Take a track. It need not exist yet: frames come when it does. */
  subscribe(camera: string, track: string, events: SubscriberEvents): Subscription;

  /** All cameras known now, oldest first. */
  cameras(): readonly CameraInfo[];

  /** One camera, if it is known. */
  camera(id: string): CameraInfo | undefined;

  /** Call `changed` for every camera that is new, changed, or (`undefined`) no longer known, until the answer is called. */
  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void;
}
