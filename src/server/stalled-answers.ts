import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Limits } from "../protocol/index.ts";
import { whenOver } from "./answer.ts";
import { cut } from "./cut.ts";

/** Milliseconds between two looks at how far all answers have come. */
const LOOK_INTERVAL_MS = 20_000;

/** Looks in a row that find an answer where it was, after which it is taken for one that nobody reads. */
const MAX_STILL_LOOKS: number = Limits.RECEIVER_TIMEOUT_MS / LOOK_INTERVAL_MS;

/** How far an answer had come at the last look. */
interface Progress {
  readonly givenBytes: number;
  readonly stillLooks: number;
}

/**
 * Ends the answers of an HTTP server that nobody reads: what waits for such a reader holds memory, a descriptor and a place. One
 * whose reader takes a little now and then goes on, and so does one that has nothing to send.
 */
export class StalledAnswers {
  readonly #open = new Map<ServerResponse, Progress | undefined>();
  readonly #timer: NodeJS.Timeout = setInterval(() => this.look(), LOOK_INTERVAL_MS).unref();

  constructor(server: Server) {
    server.on("request", (_: IncomingMessage, response: ServerResponse) => {
      this.#open.set(response, undefined);
      whenOver(response, () => this.#open.delete(response));
    });
  }

  /** How many answers are under way. */
  get size(): number {
    return this.#open.size;
  }

  /** Look at all answers, and end those that have not moved for {@link Limits.RECEIVER_TIMEOUT_MS}. */
  look(): void {
    for (const [response, before] of this.#open) {
      const { socket } = response.req;
      const givenBytes = given(socket);
      const isStill = socket.writableLength > 0 && before?.givenBytes === givenBytes;
      const stillLooks = isStill ? before.stillLooks + 1 : 0;
      if (stillLooks >= MAX_STILL_LOOKS) cut(socket);
      else this.#open.set(response, { givenBytes, stillLooks });
    }
  }

  /** No more. */
  close(): void {
    clearInterval(this.#timer);
  }
}

/** What of a connection's bytes the kernel has: more with every byte for which the other side makes room. */
function given(socket: Socket): number {
  // The stream tells of a write when all of it has gone, and a picture may take minutes; only the handle below knows of its parts.
  const { _handle: handle } = socket as { readonly _handle?: { readonly writeQueueSize?: number } | null };
  return socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}
