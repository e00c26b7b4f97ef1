import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Micros, now } from "../protocol/index.ts";
import { writeStamp } from "./stamp.ts";

/** The one that mjpg-streamer insists on; to all others it is as good as any. */
const BOUNDARY = "boundarydonotcross";

/** Pictures whose capture is remembered: those of two minutes, longer than any may be on its way. */
const REMEMBERED = 4096;

/** Something to show. */
export interface Picture {
  /** A JPEG of its own with room for a stamp, which shows `number` as well: `NumberedPicture` is one. */
  showing(number: number): Uint8Array;
}

/**
 * A network camera that shows the same pictures again and again and stamps each with its sequence and the time at which it
 * leaves. The sequence is also what the picture itself shows, so that none is taken for the one of a round before. Everything that
 * is measured in a run has this camera.
 */
export class Camera implements AsyncDisposable {
  readonly #server: Server;
  readonly #pictures: readonly Picture[];
  readonly #readers = new Set<ServerResponse>();
  readonly #capturedAt = new Map<number, Micros>();
  readonly #timer: NodeJS.Timeout;
  readonly #rate: number;
  readonly #startedMs = performance.now();
  // The first is 1: a canvas that shows nothing yet reads as 0.
  #sequence = 0;

  private constructor(server: Server, pictures: readonly Picture[], rate: number) {
    this.#server = server;
    this.#pictures = pictures;
    this.#rate = rate;
    // Whatever is asked for: each program has a path of its own for a camera.
    server.on("request", (_request, response) => this.#serve(response));
    // What comes behind a request is no reason to end its answer: mjpg-streamer sends one byte too many.
    server.on("clientError", () => {});
    // Finer than the pictures' interval, so that their times are even.
    this.#timer = setInterval(() => this.#tick(), 2);
  }

  /** `host`: where it listens. `rate`: pictures a second. */
  static async open(host: string, pictures: readonly Picture[], rate: number): Promise<Camera> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port: 0 }, resolve);
    });
    return new Camera(server, pictures, rate);
  }

  /** Its address: HTTP MJPEG. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}/stream.mjpg`;
  }

  /** When the picture of that sequence was captured; `undefined` if that was not before `at`, in µs, or too long ago. */
  captureOf(sequence: number, at: number): Micros | undefined {
    const capturedAt = this.#capturedAt.get(sequence);
    return capturedAt !== undefined && capturedAt <= at ? capturedAt : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #serve(response: ServerResponse): void {
    response.writeHead(200, { "Content-Type": `multipart/x-mixed-replace; boundary=${BOUNDARY}` });
    this.#readers.add(response);
    response.on("close", () => this.#readers.delete(response));
  }

  #tick(): void {
    const due = 1 + Math.floor(((performance.now() - this.#startedMs) * this.#rate) / 1000);
    if (due <= this.#sequence) return;
    // A late timer shows the picture of that time: no two at once.
    this.#sequence = due;
    // A JPEG of its own: the bytes of the last round may still wait in a socket.
    const stamped = this.#pictures[due % this.#pictures.length]?.showing(due);
    if (stamped === undefined) return;
    const capturedAt = now();
    this.#capturedAt.set(due, capturedAt);
    const [oldest = due] = this.#capturedAt.keys();
    if (this.#capturedAt.size > REMEMBERED) this.#capturedAt.delete(oldest);
    writeStamp(stamped, { sequence: due, capturedAt });
    for (const reader of this.#readers) {
      if (reader.writableLength > 0) continue;
      reader.write(
        `--${BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: ${stamped.byteLength}\r\n\r\n`,
      );
      reader.write(stamped);
      reader.write("\r\n");
    }
  }
}
