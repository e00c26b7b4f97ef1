import type { Bus } from "../bus/index.ts";
import { Receiver, type ReceiverOutlet } from "../hub/index.ts";
import { Ack, Control, type Frame, Limits, type Role } from "../protocol/index.ts";
import type { ControlBytes } from "./control-bytes.ts";
import type { FrameBytes } from "./frame-bytes.ts";
import type { ViewerEvents, ViewerSocket } from "./web-socket.ts";

/** One viewer of the full protocol: its WebSocket on one side, a receiver of the bus on the other. */
export class Viewer implements ViewerEvents, ReceiverOutlet {
  readonly #socket: ViewerSocket;
  readonly #messages: FrameBytes;
  readonly #words: ControlBytes;
  readonly #receiver: Receiver;
  #isLast = true;
  /** Messages that it may send for a frame that is sent now. */
  #answers = Limits.MESSAGES_PER_FRAME;

  /**
   * `messages` and `words` make the full protocol's WebSocket messages; all viewers share them. `role`: what it is told that it
   * may do. `hub` names this server.
   */
  constructor(
    bus: Bus,
    socket: ViewerSocket,
    {
      messages,
      words,
      hub,
    }: { readonly messages: FrameBytes; readonly words: ControlBytes; readonly hub?: string | undefined },
    role: Role,
  ) {
    this.#messages = messages;
    this.#words = words;
    this.#socket = socket;
    this.#receiver = new Receiver(bus, this);
    this.tell({
      type: "hello",
      version: Control.PROTOCOL_VERSION,
      role,
      ...(hub === undefined ? {} : { hub }),
    });
  }

  /** A viewer hands nothing on, unless it says that it is a hub. */
  get isLast(): boolean {
    return this.#isLast;
  }

  /** Whether a frame can be sent now. */
  get ready(): boolean {
    return this.#socket.ready;
  }

  /** Send a frame. Its bytes are shared by all viewers. */
  send(frame: Frame.Frame): void {
    this.#socket.write(this.#messages.of(frame), this.#answers);
  }

  /** Send a control message. */
  tell(message: Control.Control): void {
    this.#socket.tell(this.#words.of(message));
  }

  /** A control message came. */
  text(message: string): void {
    const control = Control.decode(message);
    if (control.type === "hello") {
      this.#greeted(control);
      return;
    }
    // Frames that it fetches itself pay for nothing: it could fetch the same ones for ever, by watching a track again and again.
    this.#answers = 0;
    this.#receiver.receive(control);
    this.#answers = Limits.MESSAGES_PER_FRAME;
  }

  #greeted({ hub }: Control.Hello): void {
    // Once: who says it again gets no new allowance.
    if (hub === undefined || !this.#isLast) return;
    this.#isLast = false;
    this.#socket.speaksForMany();
  }

  /** An acknowledgement came. */
  binary(bytes: Buffer, start: number, length: number): void {
    Ack.read(bytes, start, length, this.#receiver);
  }

  /** The socket has room again. */
  drained(): void {
    this.#receiver.drained();
  }

  /** The viewer left. */
  closed(): void {
    this.#receiver.close();
  }
}
