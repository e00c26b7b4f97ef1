import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import type { Hub } from "../../src/client/shared/hub.ts";
import type { Closing, TabPort } from "../../src/client/shared/messages.ts";
import type { Socket } from "../../src/client/socket.ts";
import { Receiver } from "../../src/hub/index.ts";
import { Ack, type CameraInfo, Control, Frame, type Micros } from "../../src/protocol/index.ts";

/** A camera with a track of each kind. */
export const FRONT: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 0 as Micros,
  tracks: [
    { name: "jpeg", codec: "jpeg" },
    { name: "h264", codec: "avc1.42e01f" },
  ],
};

/** What is on its way, in both directions and on all ports: it arrives when the test says so, in order. */
export class Wire {
  readonly #way: (() => void)[] = [];

  send(arrive: () => void): void {
    this.#way.push(arrive);
  }

  settle(): void {
    for (let arrive = this.#way.shift(); arrive !== undefined; arrive = this.#way.shift()) arrive();
  }
}

/** A server in memory, of the parts of the real one. */
export class MemoryServer {
  readonly bus = new MemoryBus();
  readonly wire: Wire;
  readonly sockets: ServerSocket[] = [];
  demand: ReadonlySet<string> = new Set();
  keyframes = 0;
  mute = false;
  readonly publication: Publication;
  #sequence = 0;

  constructor(wire: Wire) {
    this.wire = wire;
    this.publication = this.bus.publish(FRONT, {
      demand: (tracks) => {
        this.demand = tracks;
      },
      keyframe: () => this.keyframes++,
      refused: () => {},
    });
  }

  get open(): readonly ServerSocket[] {
    return this.sockets.filter(({ readyState }) => readyState === 1);
  }

  publish(track = "jpeg", keyframe = true, discardable = false): number {
    const sequence = ++this.#sequence;
    // Ten frames a second.
    const capturedAt = (sequence * 100_000) as Micros;
    const payload = new Uint8Array([sequence]);
    this.publication.publish(track, {
      sequence,
      capturedAt,
      keyframe,
      discardable,
      layer: 0,
      payload,
    });
    this.wire.settle();
    return sequence;
  }
}

/** The end of a connection that the hub holds, with the server behind it. */
export class ServerSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 1;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly #server: MemoryServer;
  readonly #receiver: Receiver;

  constructor(server: MemoryServer) {
    this.#server = server;
    server.sockets.push(this);
    this.#receiver = new Receiver(server.bus, {
      isLast: true,
      ready: true,
      send: (frame) => this.#say(Uint8Array.from(Frame.encode(frame)).buffer),
      tell: (message) => this.#say(Control.encode(message)),
    });
    this.#say(Control.encode({ type: "hello", version: 1 }));
  }

  send(data: string | Uint8Array): void {
    this.#server.wire.send(() => {
      if (this.readyState !== 1 || this.#server.mute) return;
      if (typeof data === "string") this.#receiver.receive(Control.decode(data));
      else Ack.read(data, 0, data.byteLength, this.#receiver);
    });
  }

  close(): void {
    this.readyState = 3;
    this.#receiver.close();
  }

  end(code: number, reason: string): void {
    this.close();
    this.onclose?.({ code, reason });
    this.#server.wire.settle();
  }

  #say(data: unknown): void {
    this.#server.wire.send(() => {
      if (!this.#server.mute) this.onmessage?.({ data });
    });
  }
}

/** A tab, as the hub's worker sees it, and what it has been sent. */
export class FakeTab {
  readonly control: Control.Control[] = [];
  readonly frames: Frame.Frame[] = [];
  closing: Closing | undefined;
  left = false;
  /** Whether it acknowledges what it gets. */
  paints = true;
  windowFrames = 1;
  readonly #wire: Wire;
  readonly #port: TabPort;

  constructor(hub: Hub, wire: Wire, url = "ws://server/ws") {
    this.#wire = wire;
    this.#port = {
      onmessage: null,
      postMessage: (data) => wire.send(() => this.#receive(data)),
      close: () => {},
    };
    hub.connect(this.#port, url, () => {
      this.left = true;
    });
    wire.settle();
  }

  get number(): number {
    return this.control.findLast((message) => message.type === "watching")?.number ?? 0;
  }

  get sequences(): number[] {
    return this.frames.map(({ sequence }) => sequence);
  }

  say(message: Control.Control | Ack.Ack | Closing): void {
    const data =
      "type" in message ? Control.encode(message) : "code" in message ? message : Ack.encode(message);
    this.#wire.send(() => this.#port.onmessage?.({ data }));
    this.#wire.settle();
  }

  watch(track = "jpeg", window = 1): this {
    this.windowFrames = window;
    this.say({ type: "watch", camera: "front", track, window });
    return this;
  }

  /** It has done with everything that it was sent. */
  paint(): void {
    const last = this.frames.at(-1);
    if (last === undefined) return;
    this.say({ track: last.track, sequence: last.sequence, windowFrames: this.windowFrames });
  }

  /** It goes away. */
  leave(): void {
    this.say({ code: 1000, reason: "" });
  }

  #receive(data: unknown): void {
    if (typeof data === "string") this.control.push(Control.decode(data));
    else if (Array.isArray(data)) for (const frame of data) this.#show(Frame.decode(new Uint8Array(frame)));
    else if ("code" in (data as object)) this.closing = data as Closing;
  }

  #show(frame: Frame.Frame): void {
    this.frames.push(frame);
    if (!this.paints) return;
    const { windowFrames } = this;
    const ack = Ack.encode({ track: frame.track, sequence: frame.sequence, windowFrames });
    this.#wire.send(() => this.#port.onmessage?.({ data: ack }));
  }
}
