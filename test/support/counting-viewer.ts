import { WebSocket } from "ws";
import { Ack, Control } from "../../src/protocol/index.ts";

/** Frames that a viewer is ready for: more than come while a busy computer thinks of something else. */
const WINDOW_FRAMES = 16;

/** What came of one track, by the number that its frames carry. */
export interface Count {
  frames: number;
  first: number;
  last: number;
  /** Frames that are missing between the first and the last. */
  missing: number;
}

/** A viewer of H.264 that keeps no picture: it counts frames, and what is missing between them. Of JPEG a busy server leaves frames out. */
export class CountingViewer {
  readonly counts = new Map<number, Count>();
  readonly messages: Control.Control[] = [];
  closed: number | undefined;
  readonly #socket: WebSocket;

  constructor(url: string, camera: string, headers: Record<string, string> = {}) {
    this.#socket = new WebSocket(url, [Control.SUBPROTOCOL], { headers, perMessageDeflate: false });
    this.#socket.on("open", () => {
      this.#tell({ type: "watch", camera, track: "h264", window: WINDOW_FRAMES });
    });
    this.#socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.#count(data.readUInt16BE(2), data.readUInt32BE(4));
      else this.messages.push(Control.decode(data.toString()));
    });
    this.#socket.on("close", (code) => {
      this.closed = code;
    });
    this.#socket.on("error", () => {});
  }

  /** Of all tracks that it has watched. */
  get frames(): number {
    return [...this.counts.values()].reduce((sum, { frames }) => sum + frames, 0);
  }

  get missing(): number {
    return [...this.counts.values()].reduce((sum, { missing }) => sum + missing, 0);
  }

  close(): void {
    this.#socket.terminate();
  }

  #count(track: number, sequence: number): void {
    const count = this.counts.get(track);
    if (count === undefined) {
      this.counts.set(track, { frames: 1, first: sequence, last: sequence, missing: 0 });
    } else {
      count.frames++;
      count.missing += sequence - count.last - 1;
      count.last = sequence;
    }
    this.#socket.send(Ack.encode({ track, sequence, windowFrames: WINDOW_FRAMES }));
  }

  #tell(message: Control.Control): void {
    this.#socket.send(Control.encode(message));
  }
}
