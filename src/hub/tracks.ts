import type { CameraInfo, Frame } from "../protocol/index.ts";

/** What a hub's tracks tell a subscriber. Called for every frame, unless they come faster than all can be told: do little, and never throw. */
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

  /**
   * Whether to take a frame later: many subscribers are being told of one, over several turns of the event loop, and this one
   * will be told again.
   */
  postpone(): boolean;

  /** Say that one cannot go on without a keyframe. */
  wantKeyframe(): void;

  /** Say that one has gone on without so many frames. */
  skip(frames: number): void;

  /**
   * Where to say when a frame was captured that a viewer has painted. Only one subscriber in some has it: as good a
   * measure, and it costs the others nothing.
   */
  readonly painted?: ((capturedAt: number) => void) | undefined;

  /** No more events. May be called twice. */
  close(): void;
}

/** The cameras and tracks that a hub gives its receivers: those of a bus, or of another hub. */
export interface Tracks {
  /** Take a track. It need not exist yet: frames come when it does. */
  subscribe(camera: string, track: string, events: SubscriberEvents): Subscription;

  /** All cameras known now, oldest first. While nothing changes it may be the same list: what is made of it need not be made again. */
  cameras(): readonly CameraInfo[];

  /** One camera, if it is known. */
  camera(id: string): CameraInfo | undefined;

  /** Call `changed` for every camera that is new, changed, or (`undefined`) no longer known, until the answer is called. */
  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void;
}
