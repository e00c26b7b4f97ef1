import type { Counted } from "../flow/index.ts";
import type { Tracks } from "../hub/index.ts";
import type { CameraControl, CameraInfo, Frame } from "../protocol/index.ts";

export type { SubscriberEvents, Subscription } from "../hub/index.ts";

/** A frame as a publisher offers it: the bus puts the track's number in. */
export type OfferedFrame = Omit<Frame.Frame, "track">;

/** What a bus tells a publisher. */
export interface PublisherEvents {
  /** Which tracks somebody takes now. Called at once with the present demand, then at every change. */
  demand(tracks: ReadonlySet<string>): void;

  /**
   * Somebody cannot go on without a keyframe of this track. The wishes of many subscribers come as one, at most every
   * `Limits.KEYFRAME_INTERVAL_MS`. A publisher that cannot make one ignores it.
   */
  keyframe(track: string): void;

  /**
   * The camera cannot be taken now: another publisher has its id, or a limit is reached. The bus goes on trying;
   * {@link demand} says that it succeeded.
   */
  refused(reason: string): void;

  /**
   * Set these controls, and tell all of them. Absent: the camera has none.
   * @throws an error whose message is a sentence for who asked
   */
  readonly adjust?: ((set: ReadonlyMap<string, number>) => Promise<readonly CameraControl[]>) | undefined;
}

/** A camera on a bus, held by the one who feeds it. */
export interface Publication {
  /** Frames that never left: replaced by newer ones while the bus could not take them. */
  readonly dropped: number;

  /** Say what the camera is now: state, tracks, sizes. Its id may not change. */
  update(camera: CameraInfo): void;

  /** Offer a frame of a track. Never blocks the camera: a frame that cannot leave now is replaced by a newer one. */
  publish(track: string, frame: OfferedFrame): void;

  /** Feed the camera no longer: it is gone until somebody else does. May be called twice. */
  close(): void;
}

/** Figures of one track, for facts and metrics. */
export interface TrackFigures {
  readonly track: string;
  /** The newest frame, if there is one. */
  readonly newest: Frame.Frame | undefined;
  /** Frames per second over the last seconds. */
  readonly framesPerSecond: number;
  /** Bytes per second over the last seconds. */
  readonly bytesPerSecond: number;
  /** Frames replaced before any subscriber took them. */
  readonly overwritten: number;
  readonly subscribers: number;
  /** Since the track is known here. */
  readonly counts: TrackCounts;
}

/** What a hub has counted of one track. */
export interface TrackCounts {
  readonly frames: number;
  readonly bytes: number;
  /** Frames, each as often as there were subscribers for it. */
  readonly offered: number;
  /** Of those, which subscribers went on without. */
  readonly skipped: number;
  /** Frames that were lost on the way from the recorder to here. */
  readonly dropped: number;
  /** Of frames when they came, in seconds; by the ranges of `AGE_BOUNDS_SECONDS`. */
  readonly ages: Counted;
  /** The same, when some of the viewers had said that they have painted them. */
  readonly viewerAges: Counted;
}

/**
 * Carries frames between programs. Every implementation passes the suite in `bus.contract.ts`: newest wins, a slow
 * subscriber slows nobody, work follows demand.
 */
export interface Bus extends Tracks, AsyncDisposable {
  /** Put a camera on the bus. */
  publish(camera: CameraInfo, events: PublisherEvents): Publication;

  /** Figures of the tracks of one camera. Those that nobody takes have no rate. */
  figures(id: string): readonly TrackFigures[];

  /**
   * Set these controls of a camera, and tell all of them; with none to set, only tell.
   * @throws ControlError if it has none, or cannot do it now
   */
  adjust(camera: string, set: ReadonlyMap<string, number>): Promise<readonly CameraControl[]>;
}
