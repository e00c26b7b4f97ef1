import { get, type IncomingMessage } from "node:http";
import { now } from "../protocol/index.ts";
import { readStamp } from "./stamp.ts";
import type { Place, Shown, Viewer } from "./viewer.ts";

/** Bytes of a picture's headers and of itself, beyond which a stream is none. */
const MAX_PICTURE_BYTES = 16 * 1024 * 1024;

const HEADERS_END = Buffer.from("\r\n\r\n");
const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);
const START_OF_IMAGE = Buffer.from([0xff, 0xd8]);

/** Cuts a multipart stream into its pictures: by their length where it is told, else at the end of an image. */
export class PictureSplitter {
  #chunks: Buffer[] = [];
  #heldBytes = 0;
  #wantedBytes = 0;

  /** The pictures that `chunk` completes. */
  push(chunk: Buffer): readonly Buffer[] {
    this.#chunks.push(chunk);
    this.#heldBytes += chunk.length;
    // Joining on every chunk would copy a picture many times: only when it can be there.
    if (this.#heldBytes < this.#wantedBytes) return [];
    let held = Buffer.concat(this.#chunks);
    const pictures: Buffer[] = [];
    for (;;) {
      const headersEnd = held.indexOf(HEADERS_END);
      if (headersEnd < 0) break;
      const start = headersEnd + HEADERS_END.length;
      const length = /content-length: *(\d+)/i.exec(held.toString("latin1", 0, headersEnd))?.[1];
      const end = length === undefined ? imageEnd(held, start) : start + Number(length);
      this.#wantedBytes = end ?? 0;
      if (end === undefined || end > held.length) break;
      pictures.push(held.subarray(start, end));
      held = held.subarray(end);
      this.#wantedBytes = 0;
    }
    if (held.length > MAX_PICTURE_BYTES) throw new RangeError("a stream without pictures");
    this.#chunks = [held];
    this.#heldBytes = held.length;
    return pictures;
  }
}

// The end that is followed by a boundary: comments may hold the same two bytes.
function imageEnd(held: Buffer, start: number): number | undefined {
  if (held.indexOf(START_OF_IMAGE, start) !== start) return undefined;
  for (let at = held.indexOf(END_OF_IMAGE, start); at >= 0; at = held.indexOf(END_OF_IMAGE, at + 1)) {
    if (held.indexOf("\r\n--", at + 2) === at + 2) return at + 2;
  }
  return undefined;
}

/** A viewer of HTTP MJPEG: it reads as fast as the bytes come and takes each picture for painted when it is there. */
export class MjpegViewer implements Viewer {
  readonly #response: IncomingMessage;
  #failure: string | undefined;

  /** Resolves when the stream has begun. */
  static async open(place: Place, path: string, shown: (picture: Shown) => void): Promise<MjpegViewer> {
    const { host, port } = place;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ host, port, path, agent: false }, resolve).once("error", reject);
    });
    if (response.statusCode !== 200) {
      response.destroy();
      throw new Error(`${path} answers ${response.statusCode}`);
    }
    return new MjpegViewer(response, shown);
  }

  private constructor(response: IncomingMessage, shown: (picture: Shown) => void) {
    this.#response = response;
    const splitter = new PictureSplitter();
    let count = 0;
    response.on("data", (chunk: Buffer) => {
      for (const jpeg of splitter.push(chunk)) {
        const stamp = readStamp(jpeg);
        const sequence = stamp?.sequence ?? count;
        shown({ capturedAt: stamp?.capturedAt, shownAt: now(), sequence, track: "mjpeg" });
        count++;
      }
    });
    response.on("error", (error) => {
      this.#failure = error.message;
    });
    response.on("end", () => {
      this.#failure = "the stream ended";
    });
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#response.destroy();
  }
}
