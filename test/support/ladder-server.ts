import { fileURLToPath } from "node:url";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { type CameraInfo, type Micros, now, type TrackInfo } from "../../src/protocol/index.ts";
import { type RunningServer, run } from "../../src/server/server.ts";
import { clip, FRAME_MICROS, padded, type Unit } from "./video-server.ts";

const PAGE = fileURLToPath(new URL("../../dist/page", import.meta.url));

/** A track of a clip again and again, each picture made longer by `padding` bytes. */
export interface ClipTrack {
  readonly info: TrackInfo;
  readonly clip: string;
  readonly padding: number;
}

interface Reel {
  readonly units: readonly Unit[];
  next: number;
  sequence: number;
}

/** A server on a free port, with the built page, and one camera that offers clips as tracks while somebody takes them. */
export class LadderServer implements AsyncDisposable {
  readonly #controller = new AbortController();
  readonly #reels = new Map<string, Reel>();
  readonly #tracks: readonly ClipTrack[];
  #running: RunningServer | undefined;
  #publication: Publication | undefined;
  #demand: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  private constructor(tracks: readonly ClipTrack[]) {
    this.#tracks = tracks;
    for (const { info, clip: name, padding } of tracks) {
      // Keyframes are long enough as they are.
      const units = clip(name).map((unit) => padded(unit, unit.keyframe ? 0 : padding));
      this.#reels.set(info.name, { units, next: 0, sequence: 0 });
    }
  }

  static async start(tracks: readonly ClipTrack[]): Promise<LadderServer> {
    const server = new LadderServer(tracks);
    const bus = new MemoryBus();
    const signal = server.#controller.signal;
    server.#publish(bus);
    server.#running = await run({
      bus,
      host: "127.0.0.1",
      port: 0,
      token: undefined,
      pageDirectory: PAGE,
      signal,
    });
    server.#timer = setInterval(() => server.#turn(), FRAME_MICROS / 1000);
    return server;
  }

  get port(): number {
    return this.#running?.port ?? 0;
  }

  /** Which tracks somebody takes. */
  get demand(): string[] {
    return [...this.#demand];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#controller.abort();
    await this.#running?.stopped;
  }

  #publish(bus: MemoryBus): void {
    const camera: CameraInfo = {
      id: "test",
      name: "Test",
      source: "test:",
      state: "live",
      since: 1_700_000_000_000_000 as Micros,
      tracks: this.#tracks.map(({ info }) => info),
    };
    this.#publication = bus.publish(camera, {
      demand: (tracks) => {
        // Who comes first begins at the beginning.
        for (const track of tracks) if (!this.#demand.has(track)) this.#rewind(track);
        this.#demand = new Set(tracks);
      },
      keyframe: (track) => this.#rewind(track),
      refused: () => {},
    });
  }

  // A clip begins with a keyframe.
  #rewind(track: string): void {
    const reel = this.#reels.get(track);
    if (reel !== undefined) reel.next = 0;
  }

  #turn(): void {
    const capturedAt = now();
    for (const [name, reel] of this.#reels) {
      const sequence = reel.sequence++;
      if (!this.#demand.has(name)) continue;
      const { keyframe, payload } = reel.units[reel.next]!;
      reel.next = (reel.next + 1) % reel.units.length;
      this.#publication?.publish(name, {
        sequence,
        capturedAt,
        keyframe,
        discardable: false,
        layer: 0,
        payload,
      });
    }
  }
}
