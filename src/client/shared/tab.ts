import { Receiver, type ReceiverOutlet, type SubscriberEvents, type Tracks } from "../../hub/index.ts";
import { Ack, type CameraInfo, Control, type Frame, ProtocolError } from "../../protocol/index.ts";
import { Bundle } from "../bundle.ts";
import type { Member } from "./lane.ts";
import type { Closing, Opened, TabPort } from "./messages.ts";
import type { Uplink, UplinkUser } from "./uplink.ts";

/** Close code of who has heard nothing for too long. */
const STALLED = 4408;

/**
 * The hub's end of one tab: what a server is to a viewer, from the same parts. It answers from the directory and the
 * frames of the {@link Uplink}, sends what the tab has credit for, and passes on what only the server can answer.
 */
export class Tab implements UplinkUser, ReceiverOutlet, Tracks {
  /** A tab hands nothing on. */
  readonly isLast = true;
  /** A port takes everything at once; what it may hold is bounded by the tab's credit. */
  readonly ready = true;

  readonly #port: TabPort;
  readonly #uplink: Uplink;
  readonly #receiver: Receiver;
  readonly #left: () => void;
  /** What it takes, by `camera/track`, and by the number that the frames carry. */
  readonly #members = new Map<string, Member>();
  readonly #byNumber = new Map<number, Member>();
  readonly #frames = new Bundle<ArrayBufferLike>(
    () => this.#members.size,
    (frames) => this.#port.postMessage(frames),
  );
  /** Frames of the window that it asks for just now. */
  #windowFrames = 1;
  #lists = false;
  #closed = false;
  #heardAtMs = performance.now();

  /** `left` is called once, when it has ended from whichever side. */
  constructor(port: TabPort, uplink: Uplink, left: () => void) {
    this.#port = port;
    this.#uplink = uplink;
    this.#left = left;
    this.#receiver = new Receiver(this, this);
    port.onmessage = ({ data }) => this.#receive(data);
    port.postMessage({ opened: true } satisfies Opened);
    uplink.join(this);
  }

  /** Time since it last said something, in ms. */
  get silentMs(): number {
    return performance.now() - this.#heardAtMs;
  }

  /** End it, and tell the tab why. */
  ended(code: number, reason: string): void {
    if (this.#closed) return;
    this.#port.postMessage({ code, reason } satisfies Closing);
    this.leave();
  }

  /** It has left: nothing is asked for on its behalf any more. May be called twice. */
  leave(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.clear();
    this.#port.onmessage = null;
    this.#port.close();
    this.#receiver.close();
    this.#uplink.leave(this);
    this.#left();
  }

  greeted(hello: Control.Hello): void {
    this.tell(hello);
  }

  listed(): void {
    if (this.#lists) this.#receiver.receive({ type: "list" });
  }

  told(time: Control.Time): void {
    this.tell(time);
  }

  /** The message of the server is the tab's, byte for byte. */
  send({ payload }: Frame.Frame): void {
    if (!this.#closed) this.#frames.add(payload.buffer);
  }

  tell(message: Control.Control): void {
    if (message.type === "watching") this.#number(message);
    if (this.#closed) return;
    // What is said of a track holds from its next frame on.
    this.#frames.flush();
    this.#port.postMessage(Control.encode(message));
  }

  subscribe(camera: string, track: string, events: SubscriberEvents): Member {
    const member = this.#uplink.subscribe(camera, track, events, this.#windowFrames);
    this.#members.set(`${camera}/${track}`, member);
    return member;
  }

  /** It has painted: its credit grows here, and at the server if it is the first. */
  acknowledge(track: number, sequence: number, windowFrames: number): void {
    this.#receiver.acknowledge(track, sequence, windowFrames);
    this.#byNumber.get(track)?.acknowledge(sequence, windowFrames);
  }

  cameras(): readonly CameraInfo[] {
    return this.#uplink.cameras();
  }

  camera(id: string): CameraInfo | undefined {
    return this.#uplink.camera(id);
  }

  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void {
    return this.#uplink.follow(changed);
  }

  #receive(data: unknown): void {
    this.#heardAtMs = performance.now();
    try {
      if (typeof data === "string") this.#obey(Control.decode(data));
      else if (data instanceof Uint8Array) Ack.read(data, 0, data.byteLength, this);
      else this.#bye((data as Closing).code);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.ended(error.closeCode, error.message);
    }
  }

  #obey(message: Control.Control): void {
    switch (message.type) {
      case "time":
        // Only the server's answer says how long the way is.
        this.#uplink.ask(this, message.sent);
        return;
      case "list":
        this.#lists = true;
        if (!this.#uplink.listed) return;
        break;
      case "watch":
        this.#windowFrames = message.window;
        this.#members.get(`${message.camera}/${message.track}`)?.resize(message.window);
        break;
      case "unwatch":
        this.#forget(message);
        break;
      default:
        break;
    }
    this.#receiver.receive(message);
  }

  #number({ camera, track, number }: Control.Watching): void {
    const member = this.#members.get(`${camera}/${track}`);
    if (member === undefined) return;
    this.#unnumber(member);
    this.#byNumber.set(number, member);
  }

  #forget({ camera, track }: Control.Unwatch): void {
    const member = this.#members.get(`${camera}/${track}`);
    if (member === undefined) return;
    this.#members.delete(`${camera}/${track}`);
    this.#unnumber(member);
  }

  #unnumber(member: Member): void {
    for (const [number, other] of this.#byNumber) if (other === member) this.#byNumber.delete(number);
  }

  // A tab that has heard nothing is believed where nobody has: all of them need another connection then.
  #bye(code: number): void {
    if (code === STALLED) this.#uplink.doubt();
    this.leave();
  }
}
