import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryBus, type Publication, type PublisherEvents } from "../../src/bus/index.ts";
import type { CameraInfo, Micros } from "../../src/protocol/index.ts";
import type { AccessOptions } from "../../src/server/access/entrance.ts";
import type { Surroundings } from "../../src/server/outside.ts";
import type { ServerLog } from "../../src/server/request-log.ts";
import { run, type SingleServer } from "../../src/server/server.ts";

/** A camera as tests publish it. */
export const FRONT: CameraInfo = {
  id: "front",
  name: "Front door",
  source: "test:",
  state: "live",
  since: 1_700_000_000_000_000 as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg", width: 640, height: 360, rate: 30 }],
};

/** Something between the two marks of a JPEG file, different for every sequence. */
export function picture(sequence: number, bytes = 64): Uint8Array {
  const payload = new Uint8Array(bytes).fill(sequence % 251);
  payload.set([0xff, 0xd8]);
  new DataView(payload.buffer).setUint32(2, sequence);
  payload.set([0xff, 0xd9], bytes - 2);
  return payload;
}

/** A server on a free port with one camera, which the test feeds by hand. */
export class TestServer {
  readonly bus: MemoryBus;
  readonly running: SingleServer;
  readonly demands: string[][];
  /** Answers for the camera's controls; set it before they are asked for. */
  adjust: PublisherEvents["adjust"];
  #publication: Publication;
  readonly #controller: AbortController;
  #sequence = 0;

  private constructor(
    bus: MemoryBus,
    running: SingleServer,
    publication: Publication,
    demands: string[][],
    controller: AbortController,
  ) {
    this.bus = bus;
    this.running = running;
    this.demands = demands;
    this.#publication = publication;
    this.#controller = controller;
  }

  static async start(
    options: {
      host?: string;
      token?: string;
      access?: AccessOptions;
      dropIn?: boolean;
      authority?: string;
      surroundings?: Surroundings;
      log?: ServerLog;
      unready?: () => string | undefined;
    } = {},
  ): Promise<TestServer> {
    const pageDirectory = mkdtempSync(join(tmpdir(), "hello-page-"));
    writeFileSync(join(pageDirectory, "index.html"), "<title>the page</title>");
    writeFileSync(join(pageDirectory, "login.html"), "<title>who are you?</title>");
    const bus = new MemoryBus();
    const demands: string[][] = [];
    const late: { server?: TestServer } = {};
    const publication = bus.publish(FRONT, {
      demand: (tracks) => demands.push([...tracks]),
      keyframe: () => {},
      refused: () => {},
      get adjust() {
        return late.server?.adjust;
      },
    });
    const controller = new AbortController();
    const running = await run({
      bus,
      host: options.host ?? "127.0.0.1",
      port: 0,
      token: options.token,
      ...(options.access === undefined ? {} : { access: options.access }),
      dropIn: options.dropIn ?? true,
      authority: options.authority,
      surroundings: options.surroundings,
      ...(options.log && { log: options.log }),
      ...(options.unready && { unready: options.unready }),
      pageDirectory,
      signal: controller.signal,
    });
    late.server = new TestServer(bus, running, publication, demands, controller);
    return late.server;
  }

  get authority(): string {
    return `127.0.0.1:${this.running.port}`;
  }

  url(path: string): string {
    return `http://${this.authority}${path}`;
  }

  /** Publish the next frame, captured so much later than now; its sequence. */
  publish(bytes?: number, track = "jpeg", laterMs = 0): number {
    this.#sequence++;
    this.#publication.publish(track, {
      sequence: this.#sequence,
      capturedAt: ((Date.now() + laterMs) * 1000) as Micros,
      keyframe: true,
      discardable: false,
      layer: 0,
      payload: picture(this.#sequence, bytes),
    });
    return this.#sequence;
  }

  /** The next frame has a sequence that is so much higher: frames were lost. */
  skip(frames: number): void {
    this.#sequence += frames;
  }

  update(camera: Partial<CameraInfo>): void {
    this.#publication.update({ ...FRONT, ...camera });
  }

  /** The recorder restarts: another run, sequences from 1 again. */
  restartRecorder(): void {
    this.#publication.close();
    this.#sequence = 0;
    this.#publication = this.bus.publish(FRONT, {
      demand: (tracks) => this.demands.push([...tracks]),
      keyframe: () => {},
      refused: () => {},
    });
  }

  stop(): Promise<void> {
    this.#controller.abort();
    return this.running.stopped;
  }
}
