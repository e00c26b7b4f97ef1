import { Gop, KeyframeWishes, Reader } from "../flow/index.ts";
import type { CameraInfo, Control } from "../protocol/index.ts";
import type { OfferedFrame, Publication, PublisherEvents } from "./bus.ts";
import { answerControl, ControlError } from "./control-calls.ts";
import { Lanes } from "./lanes.ts";
import type { PacketSocket } from "./packet-socket.ts";

/** One track on its way to the mapper. */
interface Lane {
  readonly gop: Gop;
  /** The number that the mapper gave; `undefined` until it has. */
  number: number | undefined;
  readonly reader: Reader;
  readonly wishes: KeyframeWishes;
}

/**
 * A camera on its way to a mapper: the newest GOP of each track, sent whenever the socket can take it. It lives
 * longer than a connection, so a recorder notices nothing when the mapper restarts.
 */
export class Outbox implements Publication {
  readonly #events: PublisherEvents;
  readonly #closed: () => void;
  readonly #lanes = new Lanes<Lane>(() => ({
    gop: new Gop(),
    number: undefined,
    reader: new Reader({ skipsDiscardable: false }),
    wishes: new KeyframeWishes(),
  }));
  #camera: CameraInfo;
  #socket: PacketSocket | undefined;
  #done = false;

  constructor(camera: CameraInfo, events: PublisherEvents, closed: () => void) {
    this.#camera = camera;
    this.#events = events;
    this.#closed = closed;
  }

  /** The camera's id. */
  get id(): string {
    return this.#camera.id;
  }

  /** See {@link Publication.dropped}. */
  get dropped(): number {
    return this.#lanes.dropped;
  }

  /** See {@link Publication.update}. */
  update(camera: CameraInfo): void {
    this.#camera = camera;
    this.#lanes.follow(camera);
    this.#socket?.tell({ type: "camera", camera });
  }

  /** See {@link Publication.publish}. */
  publish(track: string, frame: OfferedFrame): void {
    const lane = this.#lanes.of(track);
    // The number is put in when the frame leaves: the mapper may have changed by then.
    if (lane.gop.put({ ...frame, track: 0 })) this.#pump(track, lane);
    else this.#want(track);
  }

  /** See {@link Publication.close}. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    this.#socket?.tell({ type: "removed", camera: this.id });
    this.#socket = undefined;
    this.#closed();
  }

  /** A connection is there: take the camera id. */
  attach(socket: PacketSocket): void {
    this.#socket = socket;
    socket.tell({ type: "camera", camera: this.#camera });
  }

  /** The connection is lost: numbers have no meaning, and nobody is known to want anything. */
  detach(): void {
    this.#socket = undefined;
    for (const lane of this.#lanes.values()) {
      lane.number = undefined;
      lane.reader.reset();
    }
  }

  /** The mapper says something of this camera. */
  receive(
    message: Control.Published | Control.Demand | Control.Keyframe | Control.Refused | Control.Adjust,
  ): void {
    if (message.type === "adjust") {
      const { adjust } = this.#events;
      const none = (): Promise<never> => Promise.reject(new ControlError("the camera has no controls"));
      answerControl(message, adjust ?? none, (answer) => this.#socket?.tell(answer));
    } else if (message.type === "keyframe") {
      this.#want(message.track);
    } else if (message.type === "refused") {
      this.#events.refused(message.reason);
    } else if (message.type === "demand") {
      this.#events.demand(new Set(message.tracks));
    } else {
      for (const { track, number } of message.tracks) {
        const lane = this.#lanes.of(track);
        if (lane.number !== number) lane.reader.reset();
        lane.number = number;
        this.#pump(track, lane);
      }
    }
  }

  /** The socket has room again. */
  drained(): void {
    for (const [track, lane] of this.#lanes) this.#pump(track, lane);
  }

  #pump(track: string, lane: Lane): void {
    while (this.#socket !== undefined && lane.number !== undefined && this.#socket.ready) {
      const frame = lane.reader.next(lane.gop);
      if (frame === undefined) {
        if (lane.reader.starving) this.#want(track);
        return;
      }
      this.#socket.send({ ...frame, track: lane.number });
    }
  }

  /**
   * What is lost here the mapper does not miss. A publisher may be far away itself, so it is not asked for every frame, and its own
   * wishes and those of the mapper are one. Of a track that never was there is nothing to wish for.
   */
  #want(track: string): void {
    if (this.#lanes.get(track)?.wishes.admits(performance.now())) this.#events.keyframe(track);
  }
}
