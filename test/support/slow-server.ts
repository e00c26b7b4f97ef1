import type { Socket } from "../../src/client/socket.ts";
import { Ack, Control, Frame, Limits, micros, now } from "../../src/protocol/index.ts";

/** Between two pings; three without an answer, and the viewer is closed. */
const PING_EVERY_MS = Limits.RECEIVER_TIMEOUT_MS / 3;

/** What a {@link SlowServer} gives, and how fast. */
export interface SlowOptions {
  bitsPerSecond: number;
  frameBytes: number;
}

/**
 * A server with one track of stills behind a slow link: what it says arrives in order, each message when the last of its bytes has. It always has a
 * newer frame. Like the real one it closes whoever leaves pings without an answer. On fake timers.
 */
export class SlowServer {
  readonly options: SlowOptions;
  readonly sockets: SlowSocket[] = [];
  /** It says nothing any more, to nobody. */
  mute = false;

  constructor(options: SlowOptions) {
    this.options = options;
  }

  readonly open = (): Socket => {
    const socket = new SlowSocket(this);
    this.sockets.push(socket);
    return socket;
  };
}

/** The viewer's end of a connection, with the server behind it. */
class SlowSocket implements Socket {
  binaryType: BinaryType = "blob";
  readyState = 1;
  onmessage: Socket["onmessage"] = null;
  onclose: Socket["onclose"] = null;
  readonly #server: SlowServer;
  readonly #pings: ReturnType<typeof setInterval>;
  #freeAtMs = performance.now();
  #sequence = 0;
  #done = 0;
  #windowFrames = 0;
  #missed = 0;

  constructor(server: SlowServer) {
    this.#server = server;
    this.#say(Control.encode({ type: "hello", version: 1 }));
    this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS);
  }

  send(data: string | Uint8Array): void {
    if (this.readyState !== 1 || this.#server.mute) return;
    if (typeof data === "string") this.#obey(Control.decode(data));
    else Ack.read(data, 0, data.byteLength, this);
  }

  acknowledge(_track: number, sequence: number, windowFrames: number): void {
    this.#done = sequence;
    this.#windowFrames = windowFrames;
    this.#pump();
  }

  close(): void {
    this.readyState = 3;
    clearInterval(this.#pings);
  }

  #obey(message: Control.Control): void {
    if (message.type === "time") this.#say(Control.encode({ type: "time", sent: message.sent, at: now() }));
    if (message.type === "list") this.#say(Control.encode({ type: "cameras", cameras: [] }));
    if (message.type !== "watch") return;
    const { camera, track, window } = message;
    this.#say(Control.encode({ type: "watching", camera, track, number: 1 }));
    this.#windowFrames = window;
    this.#pump();
  }

  #pump(): void {
    while (this.#sequence - this.#done < this.#windowFrames) {
      const frame = {
        track: 1,
        sequence: ++this.#sequence,
        capturedAt: micros(now()),
        keyframe: true,
        discardable: false,
        layer: 0,
        payload: new Uint8Array(this.#server.options.frameBytes),
      };
      this.#say(Uint8Array.from(Frame.encode(frame)).buffer);
    }
  }

  #ping(): void {
    if (this.#missed >= 3) {
      this.close();
      this.onclose?.({ code: 4408, reason: "" });
      return;
    }
    this.#missed++;
    this.#arrive(2, () => {
      this.#missed = 0;
    });
  }

  #say(data: string | ArrayBuffer): void {
    this.#arrive(typeof data === "string" ? data.length : data.byteLength, () => this.onmessage?.({ data }));
  }

  #arrive(bytes: number, arrive: () => void): void {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs) + (8000 * bytes) / this.#server.options.bitsPerSecond;
    setTimeout(() => {
      if (this.readyState === 1 && !this.#server.mute) arrive();
    }, this.#freeAtMs - nowMs);
  }
}
