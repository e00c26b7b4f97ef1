import { type CameraInfo, type Control, type Frame, now } from "../protocol/index.ts";
import type { Publication, PublisherEvents } from "./bus.ts";
import { ControlCalls } from "./control-calls.ts";
import { LingeringDemand } from "./lingering-demand.ts";
import type { MemoryBus } from "./memory-bus.ts";
import type { PacketSocket } from "./packet-socket.ts";

/**
 * Frames in flight from a mapper to a program. They are acknowledged as they arrive, so this only bounds what the
 * socket may hold: one that travels and one behind it.
 */
const WINDOW_FRAMES = 2;

/**
 * A mapper's cameras, repeated on a memory bus of this process: each track is taken once from the mapper, and only
 * while somebody takes it here.
 */
export class Mirror {
  readonly #local: MemoryBus;
  readonly #cameras = new Map<string, MirroredCamera>();
  /** By the mapper's number: whose frames these are. */
  readonly #tracks = new Map<number, { readonly camera: MirroredCamera; readonly track: string }>();
  readonly #calls = new ControlCalls();
  #socket: PacketSocket | undefined;

  constructor(local: MemoryBus) {
    this.#local = local;
  }

  /** A connection is there: ask for the directory. */
  attach(socket: PacketSocket): void {
    this.#socket = socket;
    socket.tell({ type: "list" });
  }

  /** The connection is lost: every camera is gone until the mapper is back. */
  detach(reason: string): void {
    this.#socket = undefined;
    this.#tracks.clear();
    this.#calls.fail(reason);
    for (const camera of this.#cameras.values()) camera.lose(reason);
  }

  /** Nothing is told any more. */
  close(): void {
    this.#socket = undefined;
    for (const camera of this.#cameras.values()) camera.close();
  }

  /** The mapper says something. */
  receive(
    message: Control.Cameras | Control.Camera | Control.Removed | Control.Watching | Control.Adjusted,
  ): void {
    if (message.type === "adjusted") {
      this.#calls.answer(message);
    } else if (message.type === "cameras") {
      const listed = new Set(message.cameras.map(({ id }) => id));
      for (const camera of message.cameras) this.#put(camera);
      for (const [id, camera] of this.#cameras) {
        // A mapper that was restarted knows a camera again when its recorder has found it.
        if (!listed.has(id)) camera.lose("its recorder has not come back yet");
      }
    } else if (message.type === "camera") {
      this.#put(message.camera);
    } else if (message.type === "removed") {
      this.#remove(message.camera);
    } else {
      this.#number(message);
    }
  }

  /** A frame arrived. One whose track is no longer taken was on its way. */
  frame(frame: Frame.Frame): void {
    const target = this.#tracks.get(frame.track);
    if (target === undefined) return;
    this.#socket?.acknowledge({ track: frame.track, sequence: frame.sequence, windowFrames: WINDOW_FRAMES });
    target.camera.publication.publish(target.track, frame);
  }

  #put(info: CameraInfo): void {
    const known = this.#cameras.get(info.id);
    if (known !== undefined) {
      known.update(info);
      return;
    }
    const camera = new MirroredCamera(this.#local, info, {
      demand: (tracks) => this.#demand(camera, tracks),
      keyframe: (track) => this.#socket?.tell({ type: "keyframe", camera: info.id, track }),
      refused: () => {},
      adjust: (set) => this.#calls.ask(info.id, set, (question) => this.#socket?.tell(question)),
    });
    this.#cameras.set(info.id, camera);
    camera.start();
  }

  #remove(id: string): void {
    const camera = this.#cameras.get(id);
    if (camera === undefined) return;
    this.#cameras.delete(id);
    for (const [number, target] of this.#tracks) if (target.camera === camera) this.#tracks.delete(number);
    // The mapper would go on to take for us what nobody here may want when the camera is back; those who do are asked for again then.
    for (const track of camera.watched) this.#socket?.tell({ type: "unwatch", camera: id, track });
    camera.close();
    this.#local.forget(id);
  }

  #number({ camera: id, track, number }: Control.Watching): void {
    const camera = this.#cameras.get(id);
    if (camera === undefined) return;
    for (const [old, target] of this.#tracks) {
      if (target.camera === camera && target.track === track) this.#tracks.delete(old);
    }
    this.#tracks.set(number, { camera, track });
    this.#local.renumber(id, track);
  }

  /** Tell the mapper what is taken here, as far as it does not know. */
  #demand(camera: MirroredCamera, tracks: ReadonlySet<string>): void {
    for (const track of camera.watched) {
      if (tracks.has(track)) continue;
      camera.watched.delete(track);
      this.#socket?.tell({ type: "unwatch", camera: camera.id, track });
      for (const [number, target] of this.#tracks) {
        if (target.camera === camera && target.track === track) this.#tracks.delete(number);
      }
    }
    for (const track of tracks) {
      if (camera.watched.has(track) || this.#socket === undefined) continue;
      camera.watched.add(track);
      this.#socket.tell({ type: "watch", camera: camera.id, track, window: WINDOW_FRAMES });
    }
  }
}

/** One camera of the mapper, as it stands on the local bus. */
class MirroredCamera {
  readonly id: string;
  /** Tracks that the mapper was asked for on this connection. */
  readonly watched = new Set<string>();
  readonly #local: MemoryBus;
  readonly #events: PublisherEvents;
  #info: CameraInfo;
  readonly #demand: LingeringDemand;
  #publication: Publication | undefined;

  constructor(local: MemoryBus, info: CameraInfo, events: PublisherEvents) {
    this.id = info.id;
    this.#local = local;
    this.#info = info;
    this.#events = events;
    this.#demand = new LingeringDemand((tracks) => events.demand(tracks));
  }

  get publication(): Publication {
    if (this.#publication === undefined) throw new Error("a mirrored camera is used before its start");
    return this.#publication;
  }

  start(): void {
    this.#publication = this.#local.publish(this.#info, {
      ...this.#events,
      demand: (tracks) => this.#demand.want(tracks),
    });
  }

  /** What the mapper says of it now. */
  update(info: CameraInfo): void {
    this.#info = info;
    this.publication.update(info);
    // What was asked before the connection was lost is asked again.
    this.#events.demand(this.#demand.tracks);
  }

  /** Nothing is known of it now. */
  lose(reason: string): void {
    this.watched.clear();
    this.#demand.clear();
    const since = this.#info.state === "gone" ? this.#info.since : now();
    this.#info = { ...this.#info, state: "gone", since, reason };
    this.publication.update(this.#info);
  }

  /** Take it off the local bus. */
  close(): void {
    this.#demand.clear();
    this.publication.close();
  }
}
