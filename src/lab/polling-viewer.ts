import { Conversation } from "../dial/web-socket.ts";
import { now } from "../protocol/index.ts";
import { readStamp } from "./stamp.ts";
import type { Place, Shown, Viewer } from "./viewer.ts";

/** A viewer of the Python original: one text asks for one picture, which comes as base64 in a text. */
export class PollingViewer implements Viewer {
  #conversation: Conversation | undefined;
  #failure: string | undefined;

  /** Resolves when it has asked for its first picture. */
  static async open({ host, port }: Place, shown: (picture: Shown) => void): Promise<PollingViewer> {
    const viewer = new PollingViewer();
    let count = 0;
    const conversation = await Conversation.open(
      `ws://${host}:${port}/ws`,
      {},
      {
        text: (text) => {
          const stamp = readStamp(Buffer.from(text, "base64"));
          shown({
            capturedAt: stamp?.capturedAt,
            shownAt: now(),
            sequence: stamp?.sequence ?? count,
            track: "jpeg",
          });
          count++;
          conversation.send("1");
        },
        binary: () => {},
        ended: (reason) => {
          viewer.#failure = reason;
        },
      },
    );
    viewer.#conversation = conversation;
    conversation.send("1");
    return viewer;
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#conversation?.close();
  }
}
