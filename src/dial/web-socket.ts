import { WebSocket } from "ws";

/** What a {@link Conversation} hears. */
export interface ConversationListener {
  text(text: string): void;
  binary(bytes: Uint8Array): void;
  /** It ended, and why. Not called after its own {@link Conversation.close}. */
  ended(reason: string): void;
}

/** How a {@link Conversation} is opened. */
export interface ConversationOptions {
  readonly protocol?: string;
  readonly token?: string | undefined;
  /** Milliseconds that the other side has to agree. */
  readonly timeoutMs?: number;
  /** Bytes that one message may have. */
  readonly maxBytes?: number;
}

/** One WebSocket from the side of a program. */
export class Conversation {
  readonly #socket: WebSocket;
  #isOpen = false;
  #closing = false;

  /** Resolves when it is open. */
  static async open(
    url: string,
    options: ConversationOptions,
    listener: ConversationListener,
  ): Promise<Conversation> {
    const headers = options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` };
    const settings = {
      headers,
      perMessageDeflate: false,
      ...(options.timeoutMs === undefined ? {} : { handshakeTimeout: options.timeoutMs }),
      ...(options.maxBytes === undefined ? {} : { maxPayload: options.maxBytes }),
    };
    const socket = new WebSocket(url, options.protocol === undefined ? [] : [options.protocol], settings);
    const conversation = new Conversation(socket, listener);
    await new Promise<void>((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    conversation.#isOpen = true;
    return conversation;
  }

  private constructor(socket: WebSocket, listener: ConversationListener) {
    this.#socket = socket;
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) listener.binary(data);
      else listener.text(data.toString());
    });
    socket.on("error", () => {});
    socket.on("close", (code, words) => {
      // One that never opened has failed, and whoever opens it is told why.
      if (this.#isOpen && !this.#closing) listener.ended(`closed with ${code} ${words.toString()}`.trim());
    });
  }

  /** Lost when it is not open any more. */
  send(message: string | Uint8Array): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  /** Cut it. */
  close(): void {
    this.#closing = true;
    this.#socket.terminate();
  }
}
