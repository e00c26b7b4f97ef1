import { Allowance } from "../flow/index.ts";
import { type Ack, type Control, type Frame, Limits, now, ProtocolError } from "../protocol/index.ts";
import { Feed, type FrameOutlet } from "./feed.ts";
import type { Tracks } from "./tracks.ts";

/** How a receiver is reached, whatever carries the bytes. */
export interface ReceiverOutlet extends FrameOutlet {
  /** Whether frames that no other needs may be left out for it: it is the last on their way. */
  readonly isLast: boolean;
  /** Send a control message now. */
  tell(message: Control.Control): void;
}

/** How much a receiver may ask for. */
export interface ReceiverBounds {
  /** Tracks watched at a time. */
  readonly watches: number;
  /** Messages at once. */
  readonly burst: number;
  /** Messages a second for long, beside those for the frames that it is sent. */
  readonly perSecond: number;
}

/** Of one who asks for itself. */
const VIEWER: ReceiverBounds = {
  watches: Limits.MAX_WATCHES,
  burst: Limits.MESSAGE_BURST,
  perSecond: Limits.MESSAGES_PER_SECOND,
};

/** Of a hub, which asks on behalf of all its receivers and may watch so many tracks. */
export function hubBounds(watches: number): ReceiverBounds {
  const messages = watches * Limits.HUB_MESSAGES_PER_WATCH;
  return { watches, burst: messages, perSecond: messages };
}

/**
 * The hub's side of one receiver in the full protocol: what it watches, and what it is told. It owns no socket; the
 * WebSocket of a browser and the local socket of a program both sit on top of it.
 */
export class Receiver implements FrameOutlet, Ack.Taker {
  readonly #tracks: Tracks;
  readonly #outlet: ReceiverOutlet;
  /** What is watched, by `camera/track`. */
  readonly #watches = new Map<string, Watch>();
  /** Its feeds by the number that their frames carry. */
  readonly #byNumber = new Map<number, Feed>();
  /** The number acknowledged last, nearly always the next one too, and what is found under it. */
  #lastNumber: number | undefined;
  #lastFeed: Feed | undefined;
  #bounds: ReceiverBounds;
  #allowance: Allowance;
  readonly #unfollow: () => void;
  #listing = false;

  /** `bounds`: those of a viewer, unless others are given. */
  constructor(tracks: Tracks, outlet: ReceiverOutlet, bounds: ReceiverBounds = VIEWER) {
    this.#tracks = tracks;
    this.#outlet = outlet;
    this.#bounds = bounds;
    this.#allowance = allowance(bounds);
    this.#unfollow = tracks.follow((id, camera) => {
      if (!this.#listing && !this.#watching(id)) return;
      outlet.tell(camera === undefined ? { type: "removed", camera: id } : { type: "camera", camera });
    });
  }

  /** Whether a frame can be sent now. */
  get ready(): boolean {
    return this.#outlet.ready;
  }

  /** From now on it is bounded by these. What it has sent so far is forgotten. */
  bound(bounds: ReceiverBounds): void {
    this.#bounds = bounds;
    this.#allowance = allowance(bounds);
  }

  /** A feed sends a frame: it goes out, and the receiver may answer it. */
  send(frame: Frame.Frame): void {
    this.#allowance.earn(Limits.MESSAGES_PER_FRAME);
    this.#outlet.send(frame);
  }

  /**
   * Take one control message.
   * @throws ProtocolError `HW_UNEXPECTED` for one that a receiver does not send, `HW_TOO_MANY`, `HW_FLOOD`
   */
  receive(message: Control.Control): void {
    this.#spend();
    switch (message.type) {
      case "watch":
        this.#watch(message);
        return;
      case "unwatch":
        this.#unwatch(message.camera, message.track);
        return;
      case "keyframe":
        this.#watches.get(`${message.camera}/${message.track}`)?.feed.wantKeyframe();
        return;
      case "list":
        this.#listing = true;
        this.#outlet.tell({ type: "cameras", cameras: this.#tracks.cameras() });
        return;
      case "time":
        this.#outlet.tell({ type: "time", sent: message.sent, at: now() });
        return;
      default:
        throw new ProtocolError("HW_UNEXPECTED", `a receiver does not send "${message.type}"`);
    }
  }

  /** Take one acknowledgement. One for a number that is no longer watched is late, not wrong. @throws ProtocolError `HW_FLOOD` */
  acknowledge(track: number, sequence: number, windowFrames: number): void {
    this.#spend();
    if (track !== this.#lastNumber) {
      this.#lastNumber = track;
      this.#lastFeed = this.#byNumber.get(track);
    }
    this.#lastFeed?.acknowledge(sequence, windowFrames);
  }

  /** The socket has drained: go on sending. */
  drained(): void {
    for (const { feed } of this.#watches.values()) feed.pump();
  }

  /** The receiver left. May be called twice. */
  close(): void {
    this.#unfollow();
    for (const { feed } of this.#watches.values()) feed.close();
    this.#watches.clear();
    this.#byNumber.clear();
    this.#lastNumber = undefined;
    this.#lastFeed = undefined;
  }

  #spend(): void {
    if (this.#allowance.take(steadyMs)) return;
    throw new ProtocolError("HW_FLOOD", "messages come faster than the limit");
  }

  #watching(camera: string): boolean {
    for (const watch of this.#watches.values()) if (watch.camera === camera) return true;
    return false;
  }

  #watch({ camera, track, window }: Control.Watch): void {
    const key = `${camera}/${track}`;
    const known = this.#watches.get(key);
    if (known !== undefined) {
      known.feed.resize(window);
      return;
    }
    const { watches } = this.#bounds;
    if (this.#watches.size >= watches) {
      throw new ProtocolError("HW_TOO_MANY", `more than ${watches} tracks watched on one connection`);
    }
    const info = this.#tracks.camera(camera);
    this.#outlet.tell(info === undefined ? { type: "removed", camera } : { type: "camera", camera: info });
    const { isLast } = this.#outlet;
    const asked = { camera, track, windowFrames: window, skipsDiscardable: isLast };
    const feed = new Feed(this.#tracks, asked, this, () => this.#number(key));
    this.#watches.set(key, { camera, track, feed, number: undefined });
    this.#number(key);
    feed.pump();
  }

  #unwatch(camera: string, track: string): void {
    const watch = this.#watches.get(`${camera}/${track}`);
    if (watch === undefined) return;
    watch.feed.close();
    this.#watches.delete(`${camera}/${track}`);
    this.#unnumber(watch);
  }

  #unnumber({ number }: Watch): void {
    if (number !== undefined) this.#byNumber.delete(number);
    this.#lastNumber = undefined;
  }

  /** A feed has another number: tell the receiver before the first frame that carries it. */
  #number(key: string): void {
    const watch = this.#watches.get(key);
    if (watch === undefined) return;
    this.#unnumber(watch);
    watch.number = watch.feed.number;
    if (watch.number === undefined) return;
    this.#byNumber.set(watch.number, watch.feed);
    this.#outlet.tell({ type: "watching", camera: watch.camera, track: watch.track, number: watch.number });
  }
}

/** One watched track. */
interface Watch {
  readonly camera: string;
  readonly track: string;
  readonly feed: Feed;
  number: number | undefined;
}

function allowance({ burst, perSecond }: ReceiverBounds): Allowance {
  return new Allowance(burst, perSecond, steadyMs());
}

function steadyMs(): number {
  return performance.now();
}
