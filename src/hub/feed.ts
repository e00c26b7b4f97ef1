import { AgeLedger, Credit, Reader } from "../flow/index.ts";
import type { Frame } from "../protocol/index.ts";
import type { SubscriberEvents, Subscription, Tracks } from "./tracks.ts";

/** Where a feed's frames go. */
export interface FrameOutlet {
  /** Whether the last frame has left this process's memory, as far as one can see. */
  readonly ready: boolean;
  /** Send a frame now. */
  send(frame: Frame.Frame): void;
}

/**
 * One track on its way to one receiver, and the heart of the server: against the receiver's credit, send whatever
 * is newest at that instant. It holds no frame, sets no timer, and allocates nothing per frame.
 */
export class Feed implements SubscriberEvents {
  readonly #credit: Credit;
  readonly #outlet: FrameOutlet;
  readonly #subscription: Subscription;
  readonly #reader: Reader;
  readonly #renumbered: () => void;
  /** Whether the window is wider since the last frame left: a decoder may hold what it has until more comes. */
  #wantsMore = false;
  /** Of one viewer in some; see {@link Subscription.painted}. */
  readonly #ledger: AgeLedger | undefined;

  /** `renumbered` is called when the track gets another {@link number}, or loses it. */
  constructor(
    tracks: Tracks,
    track: {
      readonly camera: string;
      readonly track: string;
      readonly windowFrames: number;
      /** Whether frames that no other needs may be left out; see {@link Reader}. */
      readonly skipsDiscardable: boolean;
    },
    outlet: FrameOutlet,
    renumbered: () => void,
  ) {
    this.#credit = new Credit(track.windowFrames);
    this.#reader = new Reader(track);
    this.#outlet = outlet;
    this.#renumbered = renumbered;
    this.#subscription = tracks.subscribe(track.camera, track.track, this);
    // Who hands frames on acknowledges what it has received, not what was painted.
    const isWitness = track.skipsDiscardable && this.#subscription.painted !== undefined;
    this.#ledger = isWitness ? new AgeLedger() : undefined;
  }

  /** The number that the frames carry; `undefined` while nobody publishes the track. */
  get number(): number | undefined {
    return this.#subscription.number;
  }

  /** The receiver's window changed without an acknowledgement. */
  resize(windowFrames: number): void {
    this.#wantsMore ||= windowFrames > this.#credit.windowFrames;
    this.#credit.resize(windowFrames);
    this.pump();
  }

  /** The receiver has painted. */
  acknowledge(sequence: number, windowFrames: number): void {
    this.#wantsMore ||= windowFrames > this.#credit.windowFrames;
    this.#credit.acknowledge(sequence, windowFrames);
    if (this.#ledger !== undefined) this.#painted(this.#ledger.acknowledged(sequence));
    // Those who take part in a round wait for their turn: served at once, the fast would leave none of it to the others.
    if (this.#reader.isBehind(this.#subscription) && !this.#subscription.postpone()) this.pump();
  }

  /** See {@link SubscriberEvents.frame}. */
  frame(): void {
    this.pump();
  }

  /** See {@link SubscriberEvents.renumbered}. */
  renumbered(): void {
    this.#credit.clear();
    this.#ledger?.clear();
    this.#reader.reset();
    this.#renumbered();
  }

  /** Send what may be sent now. Called when anything changed: a frame, an acknowledgement, a drained socket. */
  pump(): void {
    while (this.#credit.available && this.#outlet.ready) {
      if (this.#isPatient()) return;
      const frame = this.#reader.next(this.#subscription);
      if (frame === undefined) {
        // It may just have given up.
        if (this.#reader.starving && !this.#isPatient()) this.#subscription.wantKeyframe();
        return;
      }
      this.#wantsMore = false;
      this.#credit.spend(frame.sequence);
      this.#ledger?.sent(frame.sequence, frame.capturedAt);
      this.#outlet.send(frame);
    }
  }

  /** The receiver cannot go on without a keyframe. */
  wantKeyframe(): void {
    this.#subscription.wantKeyframe();
  }

  /** Send no more. */
  close(): void {
    this.#subscription.close();
  }

  #isPatient(): boolean {
    if (!this.#reader.starving || this.#credit.inFlight === 0 || this.#wantsMore) return false;
    return this.#reader.isPatient(this.#subscription);
  }

  #painted(capturedAt: number | undefined): void {
    if (capturedAt !== undefined) this.#subscription.painted?.(capturedAt);
  }
}
