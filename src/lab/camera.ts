import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Micros, micros, now } from "../protocol/index.ts";
import { writeStamp } from "./stamp.ts";

/** The one that mjpg-streamer insists on; to all others it is as good as any. */
const BOUNDARY = "boundarydonotcross";

/** Pictures remembered by their sequence: longer than any picture may be on its way. */
const REMEMBERED = 4096;

/**
 * A network camera that shows the same pictures again and again and stamps each with its sequence and the time at which it
 * leaves. Everything that is measured in a run has this camera.
 */
export class Camera implements AsyncDisposable {
  readonly #server: Server;
  readonly #pictures: readonly Uint8Array[];
  readonly #readers = new Set<ServerResponse>();
  readonly #capturedAt = new Float64Array(REMEMBERED);
  readonly #timer: NodeJS.Timeout;
  readonly #rate: number;
  readonly #startedMs = performance.now();
  #sequence = -1;

  private constructor(server: Server, pictures: readonly Uint8Array[], rate: number) {
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

  /** `host`: where it listens. `pictures`: made by `stampable`. */
  static async open(host: string, pictures: readonly Uint8Array[], rate: number): Promise<Camera> {
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

  /** How many pictures there are before they begin again. */
  get count(): number {
    return this.#pictures.length;
  }

  /** When picture `index` of {@link count} was last captured before `at`; `undefined` if it never was. */
  captureBefore(index: number, at: number): Micros | undefined {
    if (index < 0 || index >= this.count) return undefined;
    const newest = this.#sequence - ((((this.#sequence - index) % this.count) + this.count) % this.count);
    for (
      let sequence = newest;
      sequence >= 0 && this.#sequence - sequence < REMEMBERED;
      sequence -= this.count
    ) {
      const capturedAt = this.#capturedAt[sequence % REMEMBERED] ?? 0;
      if (capturedAt > 0 && capturedAt <= at) return micros(capturedAt);
    }
    return undefined;
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
    const due = Math.floor(((performance.now() - this.#startedMs) * this.#rate) / 1000);
    if (due <= this.#sequence) return;
    // A late timer shows the picture of that time: no two at once.
    this.#sequence = due;
    const picture = this.#pictures[due % this.count];
    if (picture === undefined) return;
    const capturedAt = now();
    this.#capturedAt[due % REMEMBERED] = capturedAt;
    // A copy: the bytes of the last round may still wait in a socket.
    const stamped = Buffer.from(picture);
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
