import { ClockOffset } from "../../flow/clock-offset.ts";
import type { SubscriberEvents, Tracks } from "../../hub/index.ts";
import {
  Ack,
  type CameraInfo,
  Control,
  Frame,
  Limits,
  micros,
  now,
  ProtocolError,
} from "../../protocol/index.ts";
import { Bundle } from "../bundle.ts";
import { type Patience, SILENCE_MS } from "../patience.ts";
import { closeCode, type OpenSocket, type Socket } from "../socket.ts";
import { Lane, type Member } from "./lane.ts";
import { CLOCK } from "./pace.ts";
import { Questions } from "./questions.ts";

/** Close code of a connection that is just gone. */
const GONE = 1006;

/** A question for the time. */
interface Question {
  readonly user: UplinkUser;
  readonly sent: number;
}

/** One that is open. */
interface Asked {
  /** Absent: the question is the hub's own. */
  readonly user: UplinkUser | undefined;
  /** How long it waited here. */
  readonly heldMs: number;
  /** When it went out, on a steady clock: the time of day may be set meanwhile. */
  readonly atMs: number;
}

/** Who shares an {@link Uplink}. */
export interface UplinkUser {
  /** Time since it last said something, in ms. */
  readonly silentMs: number;
  /** The server has greeted. */
  greeted(hello: Control.Hello): void;
  /** The directory is known. */
  listed(): void;
  /** The server's clock, as an answer to a question of this user. */
  told(time: Control.Time): void;
  /** It has ended. Nothing follows. */
  ended(code: number, reason: string): void;
}

/**
 * One WebSocket to a server for all tabs of a browser. It keeps the directory, takes each track once, and lives
 * until the server or the last user ends it; who wants another one opens another. Whether the server is there, its users find out: they ask for the time.
 */
export class Uplink implements Tracks {
  readonly #socket: Socket;
  readonly #users = new Set<UplinkUser>();
  readonly #cameras = new Map<string, CameraInfo>();
  readonly #followers = new Set<(id: string, camera: CameraInfo | undefined) => void>();
  readonly #lanes = new Map<string, Lane>();
  readonly #byNumber = new Map<number, Lane>();
  readonly #acks = new Bundle<Ack.Ack>(
    () => this.#lanes.size,
    (acks) => this.#send(Ack.join(acks) as Uint8Array<ArrayBuffer>),
  );
  /** Questions for the time that are open, oldest first: the server answers in order. */
  readonly #asked: Asked[] = [];
  readonly #questions = new Questions<Question>(CLOCK, ({ user, sent }, heldMs) =>
    this.#ask(user, sent, heldMs),
  );
  /** Against the steady clock: only the round trip is of interest here. */
  readonly #clock = new ClockOffset();
  readonly #patience: Patience;
  #heardAtMs = performance.now();
  /** Whether it has brought a frame. */
  #framed = false;
  #hello: Control.Hello | undefined;
  #listed = false;
  #ended = false;

  /**
   * `patience` is that of the way to this server.
   * @throws what `open` throws for an address that cannot be one
   */
  constructor(url: string, open: OpenSocket, patience: Patience) {
    this.#patience = patience;
    this.#socket = open(url, Control.SUBPROTOCOL);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onmessage = ({ data }) => this.#receive(data);
    this.#socket.onclose = ({ code, reason }) => this.#end(code, reason);
  }

  /** Whether it is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether the directory is known. */
  get listed(): boolean {
    return this.#listed;
  }

  /** `user` shares it from now on. */
  join(user: UplinkUser): void {
    this.#users.add(user);
    if (this.#hello !== undefined) user.greeted(this.#hello);
  }

  /** `user` has left; after the last one it ends. */
  leave(user: UplinkUser): void {
    this.#users.delete(user);
    if (this.#users.size === 0) this.drop(1000, "");
  }

  /** Ask the server for the time, for `user`. Every user does, again and again, so one that does not is frozen or gone. */
  ask(user: UplinkUser, sent: number): void {
    for (const other of this.#users) {
      if (other.silentMs > Limits.RECEIVER_TIMEOUT_MS) other.ended(4408, "the page has gone silent");
    }
    this.#questions.ask({ user, sent });
  }

  /** A user has heard nothing for too long. It ends if the server has gone silent: another user may be sent what is long on its way. */
  doubt(): void {
    const nowMs = performance.now();
    if (this.#openMs(nowMs) < this.#limitMs) return;
    if (this.#lanes.size > 0) this.#waited(nowMs);
    this.drop(GONE, "");
  }

  /** End it from this side. */
  drop(code: number, reason: string): void {
    this.#end(code, reason);
  }

  /** See {@link Tracks.cameras}. */
  cameras(): readonly CameraInfo[] {
    return [...this.#cameras.values()];
  }

  /** See {@link Tracks.camera}. */
  camera(id: string): CameraInfo | undefined {
    return this.#cameras.get(id);
  }

  /** See {@link Tracks.follow}. */
  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void {
    this.#followers.add(changed);
    return () => this.#followers.delete(changed);
  }

  /** See {@link Tracks.subscribe}; `windowFrames` is what the subscriber asked for first. */
  subscribe(camera: string, track: string, events: SubscriberEvents, windowFrames = 1): Member {
    const key = `${camera}/${track}`;
    let lane = this.#lanes.get(key);
    if (lane === undefined) {
      const stills = this.#codec(camera, track) === "jpeg";
      const added = new Lane(
        { windowFrames, stills },
        {
          acknowledge: (ack, emptyWay) => {
            if (stills) this.#questions.asking();
            if (emptyWay) this.#ask(undefined, now(), 0);
            this.#acks.add(ack);
          },
          resize: (window) => this.#tell({ type: "watch", camera, track, window }),
          wantKeyframe: () => this.#tell({ type: "keyframe", camera, track }),
          left: () => this.#leave(key, added, { type: "unwatch", camera, track }),
          roundTripMs: () => this.#clock.wayMs,
        },
      );
      lane = added;
      this.#lanes.set(key, added);
      this.#tell({ type: "watch", camera, track, window: added.windowFrames });
    }
    return lane.join(events, windowFrames);
  }

  #leave(key: string, lane: Lane, message: Control.Unwatch): void {
    this.#lanes.delete(key);
    if (lane.number !== undefined) this.#byNumber.delete(lane.number);
    this.#tell(message);
  }

  get #limitMs(): number {
    if (this.#hello === undefined) return SILENCE_MS;
    return this.#patience.limitMs(this.#lanes.size > 0 && !this.#framed);
  }

  // How long the server has said nothing though it was asked.
  #openMs(nowMs: number): number {
    const sinceMs = this.#hello === undefined ? this.#heardAtMs : this.#asked[0]?.atMs;
    return sinceMs === undefined ? 0 : nowMs - Math.max(sinceMs, this.#heardAtMs);
  }

  // Who was frozen seems to have waited for longer than anybody does.
  #waited(nowMs: number): void {
    this.#patience.waited(Math.min(this.#openMs(nowMs), this.#limitMs), nowMs);
  }

  #receive(data: unknown): void {
    const nowMs = performance.now();
    if (this.#hello !== undefined) this.#waited(nowMs);
    this.#heardAtMs = nowMs;
    try {
      if (data instanceof ArrayBuffer) {
        this.#framed = true;
        const frame = Frame.decode(new Uint8Array(data));
        this.#clock.frame(micros(nowMs * 1000));
        // One of a track that was given up meanwhile belongs to nobody.
        this.#byNumber.get(frame.track)?.put(frame);
      } else {
        this.#obey(Control.decode(String(data)));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.drop(error.closeCode, `the server sent what this page cannot read: ${error.message}`);
    }
  }

  #obey(message: Control.Control): void {
    switch (message.type) {
      case "hello":
        this.#hello = message;
        // Before any frame: its answer has an empty way.
        this.#ask(undefined, now(), 0);
        this.#tell({ type: "list" });
        for (const user of this.#users) user.greeted(message);
        break;
      case "cameras":
        this.#cameras.clear();
        for (const camera of message.cameras) this.#cameras.set(camera.id, camera);
        this.#listed = true;
        for (const user of this.#users) user.listed();
        break;
      case "camera":
        this.#cameras.set(message.camera.id, message.camera);
        for (const changed of this.#followers) changed(message.camera.id, message.camera);
        break;
      case "removed":
        this.#cameras.delete(message.camera);
        for (const changed of this.#followers) changed(message.camera, undefined);
        break;
      case "watching":
        this.#number(message);
        break;
      case "time":
        this.#answered(message);
        break;
      default:
        throw new ProtocolError("HW_UNEXPECTED", `a viewer is not sent ${message.type}`);
    }
  }

  #number({ camera, track, number }: Control.Watching): void {
    const lane = this.#lanes.get(`${camera}/${track}`);
    if (lane === undefined) return;
    if (lane.number !== undefined) this.#byNumber.delete(lane.number);
    this.#byNumber.set(number, lane);
    lane.renumber(number);
  }

  #answered(message: Control.Time): void {
    const asked = this.#asked.shift();
    if (asked === undefined || message.at === undefined) return;
    this.#clock.add(micros(asked.atMs * 1000), message.at, micros(performance.now() * 1000));
    // Half of the time that it was held here counts as time on the way back: the user's own reckoning then comes out right.
    asked.user?.told({ ...message, at: micros(message.at - (asked.heldMs * 1000) / 2) });
  }

  #ask(user: UplinkUser | undefined, sent: number, heldMs: number): void {
    this.#asked.push({ user, heldMs, atMs: performance.now() });
    this.#tell({ type: "time", sent });
  }

  // Before the directory is known, the name tells: a track of stills is called so.
  #codec(camera: string, track: string): string {
    const known = this.#cameras.get(camera)?.tracks.find(({ name }) => name === track);
    return known?.codec ?? track.split("-", 1)[0] ?? "";
  }

  #tell(message: Control.Control): void {
    this.#send(Control.encode(message));
  }

  #send(data: string | Uint8Array<ArrayBuffer>): void {
    if (!this.#ended && this.#socket.readyState === 1) this.#socket.send(data);
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#acks.clear();
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket.close(code === 1000 ? code : closeCode(code), "");
    for (const user of this.#users) user.ended(code, reason);
    this.#users.clear();
  }
}
