import { WebSocket } from "ws";
import { Ack, Control, Frame } from "../../src/protocol/index.ts";
import { eventually } from "./eventually.ts";

/** A viewer in Node: keeps all that it is sent. */
export class TestViewer {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  readonly binaries: Uint8Array[] = [];
  closed: { readonly code: number; readonly reason: string } | undefined;

  constructor(
    url: string,
    protocols: string[] = [Control.SUBPROTOCOL],
    headers: Record<string, string> = {},
  ) {
    this.socket = new WebSocket(url, protocols, { headers, perMessageDeflate: false });
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isBinary) this.binaries.push(new Uint8Array(data));
      else this.texts.push(data.toString());
    });
    this.socket.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
    });
    this.socket.on("error", () => {});
  }

  static async open(
    url: string,
    protocols?: string[],
    headers?: Record<string, string>,
  ): Promise<TestViewer> {
    const viewer = new TestViewer(url, protocols, headers);
    await eventually(() => {
      if (viewer.socket.readyState !== WebSocket.OPEN) throw new Error("not open yet");
    });
    return viewer;
  }

  get messages(): Control.Control[] {
    return this.texts.map(Control.decode);
  }

  get frames(): Frame.Frame[] {
    return this.binaries.map(Frame.decode);
  }

  get sequences(): number[] {
    return this.frames.map(({ sequence }) => sequence);
  }

  tell(message: Control.Control): void {
    this.socket.send(Control.encode(message));
  }

  acknowledge(sequence: number, windowFrames: number): void {
    const last = this.binaries.at(-1);
    const track = last === undefined ? 0 : Frame.decode(last).track;
    this.socket.send(Ack.encode({ track, sequence, windowFrames }));
  }

  /** Stop reading from the TCP socket. */
  pause(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.terminate();
  }
}
