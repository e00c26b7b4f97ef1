import { type Ack, type Control, Limits, now, ProtocolError } from "../protocol/index.ts";
import { Feed, type FrameOutlet } from "./feed.ts";
import type { Tracks } from "./tracks.ts";

/** How a receiver is reached, whatever carries the bytes. */
export interface ReceiverOutlet extends FrameOutlet {
  /** Whether frames that no other needs may be left out for it: it is the last on their way. */
  readonly isLast: boolean;
  /** Send a control message now. */
  tell(message: Control.Control): void;
}

/**
 * The hub's side of one receiver in the full protocol: what it watches, and what it is told. It owns no socket; the
 * WebSocket of a browser and the local socket of a program both sit on top of it. How much may come is for
 * whoever owns the socket to say.
 */
export class Receiver implements Ack.Taker {
  readonly #tracks: Tracks;
  readonly #outlet: ReceiverOutlet;
  /** What is watched, by `camera/track`. */
  readonly #watches = new Map<string, Watch>();
  /** Its feeds by the number that their frames carry. */
  readonly #byNumber = new Map<number, Feed>();
  /** The number acknowledged last, nearly always the next one too, and what is found under it. */
  #lastNumber: number | undefined;
  #lastFeed: Feed | undefined;
  readonly #maxWatches: number;
  readonly #unfollow: () => void;
  #listing = false;

  /** It may watch `maxWatches` tracks at a time. */
  constructor(tracks: Tracks, outlet: ReceiverOutlet, maxWatches: number = Limits.MAX_WATCHES) {
    this.#tracks = tracks;
    this.#outlet = outlet;
    this.#maxWatches = maxWatches;
    this.#unfollow = tracks.follow((id, camera) => {
      if (!this.#listing && !this.#watching(id)) return;
      outlet.tell(camera === undefined ? { type: "removed", camera: id } : { type: "camera", camera });
    });
  }

  /**
   * Take one control message.
   * @throws ProtocolError `HW_UNEXPECTED` for one that a receiver does not send, `HW_TOO_MANY`
   */
  receive(message: Control.Control): void {
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

  /** Take one acknowledgement. One for a number that is no longer watched is late, not wrong. */
  acknowledge(track: number, sequence: number, windowFrames: number): void {
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
    if (this.#watches.size >= this.#maxWatches) {
      throw new ProtocolError(
        "HW_TOO_MANY",
        `more than ${this.#maxWatches} tracks watched on one connection`,
      );
    }
    const info = this.#tracks.camera(camera);
    this.#outlet.tell(info === undefined ? { type: "removed", camera } : { type: "camera", camera: info });
    const { isLast } = this.#outlet;
    const asked = { camera, track, windowFrames: window, skipsDiscardable: isLast };
    const feed = new Feed(this.#tracks, asked, this.#outlet, () => this.#number(key));
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
