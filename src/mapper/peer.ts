import type { Socket } from "node:net";
import {
  answerControl,
  ControlCalls,
  type MemoryBus,
  PacketSocket,
  type Publication,
  Receiver,
  takeOver,
} from "../bus/index.ts";
import { type CameraInfo, Control, type Frame, Limits, ProtocolError } from "../protocol/index.ts";

/** A camera that this peer feeds. */
interface Fed {
  readonly publication: Publication;
  /** The numbers that it was told, by track. */
  numbers: Map<string, number>;
}

/** One program connected to the mapper: a recorder, a server, or both at once. */
export class Peer {
  readonly #bus: MemoryBus;
  readonly #socket: PacketSocket;
  readonly #receiver: Receiver;
  readonly #cameras = new Map<string, Fed>();
  /** Where a frame belongs, by the number that it carries. */
  readonly #tracks = new Map<number, { readonly camera: string; readonly track: string }>();
  readonly #calls = new ControlCalls();
  #greeted = false;
  readonly #helloTimer: NodeJS.Timeout;

  /** `closed` is called once, with the reason and whether the peer broke a rule. */
  constructor(bus: MemoryBus, socket: Socket, closed: (reason: string, fault: boolean) => void) {
    this.#bus = bus;
    this.#socket = new PacketSocket((reading) => takeOver(socket, reading), {
      control: (message) => this.#control(message),
      frame: (frame) => this.#frame(frame),
      acknowledge: (track, sequence, windowFrames) =>
        this.#receiver.acknowledge(track, sequence, windowFrames),
      drained: () => this.#receiver.drained(),
      closed: (reason, fault) => {
        clearTimeout(this.#helloTimer);
        this.#calls.fail("the camera's recorder has ended");
        this.#receiver.close();
        for (const { publication } of this.#cameras.values()) publication.close();
        closed(reason, fault);
      },
    });
    // One that takes tracks is a server, and asks for all its viewers: bounded as one of them, it would lose its connection by what
    // they do, and all of them their cameras. It is a program of the same user, so its messages are not counted at all.
    this.#receiver = new Receiver(bus, this.#socket, Limits.MAX_PROGRAM_WATCHES);
    this.#helloTimer = setTimeout(
      () => this.close(new ProtocolError("HW_STALLED", "no hello came")),
      Limits.HELLO_TIMEOUT_MS,
    );
  }

  /** End the connection, saying why if the peer broke a rule. */
  close(error?: ProtocolError): void {
    this.#socket.close(error);
  }

  #control(message: Control.Control): void {
    if (message.type === "hello") {
      this.#greet(message);
    } else if (!this.#greeted) {
      throw new ProtocolError("HW_UNEXPECTED", `"${message.type}" came before hello`);
    } else if (message.type === "camera") {
      this.#publish(message.camera);
    } else if (message.type === "removed") {
      this.#remove(message.camera);
    } else if (message.type === "adjust") {
      const adjust = (set: ReadonlyMap<string, number>) => this.#bus.adjust(message.camera, set);
      answerControl(message, adjust, (answer) => this.#socket.tell(answer));
    } else if (message.type === "adjusted") {
      this.#calls.answer(message);
    } else {
      this.#receiver.receive(message);
    }
  }

  #greet({ version }: Control.Hello): void {
    clearTimeout(this.#helloTimer);
    if (version !== Control.PROTOCOL_VERSION) {
      throw new ProtocolError(
        "HW_VERSION",
        `this mapper speaks version ${Control.PROTOCOL_VERSION}, not ${version}`,
      );
    }
    this.#greeted = true;
    this.#socket.tell({ type: "hello", version: Control.PROTOCOL_VERSION });
  }

  #publish(camera: CameraInfo): void {
    const known = this.#cameras.get(camera.id);
    if (known !== undefined) {
      known.publication.update(camera);
      this.#number(camera.id);
      return;
    }
    if (this.#cameras.size >= Limits.MAX_CAMERAS) {
      throw new ProtocolError("HW_TOO_MANY", `more than ${Limits.MAX_CAMERAS} cameras on one connection`);
    }
    const { id } = camera;
    const early: { demand?: ReadonlySet<string> } = {};
    const publication = this.#bus.publish(camera, {
      demand: (tracks) => {
        // The first demand comes before `publish` returns, and numbers must go out before it.
        if (this.#cameras.has(id)) this.#demand(id, tracks);
        else early.demand = tracks;
      },
      keyframe: (track) => this.#socket.tell({ type: "keyframe", camera: id, track }),
      refused: (reason) => this.#socket.tell({ type: "refused", camera: id, code: "HW_TAKEN", reason }),
      adjust: (set) => this.#calls.ask(id, set, (question) => this.#socket.tell(question)),
    });
    this.#cameras.set(id, { publication, numbers: new Map() });
    if (early.demand !== undefined) this.#demand(id, early.demand);
  }

  #demand(camera: string, tracks: ReadonlySet<string>): void {
    this.#number(camera);
    this.#socket.tell({ type: "demand", camera, tracks: [...tracks] });
  }

  /** Tell the numbers of a camera's tracks, if they are others than before. */
  #number(camera: string): void {
    const fed = this.#cameras.get(camera);
    if (fed === undefined) return;
    const numbers = this.#bus.numbers(camera);
    const same =
      numbers.size === fed.numbers.size && [...numbers].every(([track, n]) => fed.numbers.get(track) === n);
    if (same) return;
    for (const number of fed.numbers.values()) this.#tracks.delete(number);
    for (const [track, number] of numbers) this.#tracks.set(number, { camera, track });
    fed.numbers = numbers;
    const tracks = [...numbers].map(([track, number]) => ({ track, number }));
    this.#socket.tell({ type: "published", camera, tracks });
  }

  #remove(camera: string): void {
    const fed = this.#cameras.get(camera);
    if (fed === undefined) {
      // Of somebody else's, or of one that has ended: no effect while somebody feeds it.
      this.#bus.forget(camera);
      return;
    }
    for (const number of fed.numbers.values()) this.#tracks.delete(number);
    this.#cameras.delete(camera);
    fed.publication.close();
  }

  #frame(frame: Frame.Frame): void {
    const target = this.#tracks.get(frame.track);
    if (target === undefined) {
      throw new ProtocolError("HW_UNEXPECTED", `track number ${frame.track} is not this recorder's`);
    }
    this.#cameras.get(target.camera)?.publication.publish(target.track, frame);
  }
}
