import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { AnnexB, NalType, nalType } from "../../src/codec/index.ts";
import type { CameraInfo, Micros } from "../../src/protocol/index.ts";
import { type RunningServer, run } from "../../src/server/server.ts";

/** Between two pictures of a clip, in µs: 30 a second. */
export const FRAME_MICROS = 33_333;

/** A camera that gives JPEG and H.264. */
export const DOOR: CameraInfo = {
  id: "door",
  name: "Door",
  source: "test:",
  state: "live",
  since: 1_700_000_000_000_000 as Micros,
  tracks: [
    { name: "jpeg", codec: "jpeg", width: 320, height: 180, rate: 30 },
    { name: "h264", codec: "avc1.64000D", width: 320, height: 180, rate: 30 },
  ],
};

/** An access unit without a delimiter, as an encoder gives it. */
export interface Unit {
  readonly keyframe: boolean;
  readonly payload: Uint8Array;
}

/** The access units of a clip in `test/fixtures`, which has a delimiter before each. */
export function clip(name: string): Unit[] {
  const units: Unit[] = [];
  let parts: Uint8Array[] = [];
  const close = (): void => {
    if (parts.length > 0) {
      units.push({ keyframe: parts.some((part) => nalType(part) === NalType.IDR), payload: annexB(parts) });
    }
    parts = [];
  };
  for (const part of AnnexB.split(readFileSync(new URL(`../fixtures/${name}`, import.meta.url)))) {
    if (nalType(part) === NalType.DELIMITER) close();
    else parts.push(part);
  }
  close();
  return units;
}

/** NAL units behind start codes of four and three bytes by turns. */
function annexB(parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    parts.flatMap((part, n) => [Buffer.from(n % 2 === 0 ? [0, 0, 0, 1] : [0, 0, 1]), part]),
  );
}

/** `unit` made longer by a message that decoders ignore (SEI, unregistered user data). */
export function padded({ keyframe, payload }: Unit, bytes: number): Unit {
  if (bytes === 0) return { keyframe, payload };
  const size = [...Array.from({ length: Math.floor(bytes / 255) }, () => 255), bytes % 255];
  const message = Buffer.concat([
    Buffer.from([6, 5, ...size]),
    Buffer.alloc(bytes, 0x55),
    Buffer.from([0x80]),
  ]);
  const parts = AnnexB.split(payload);
  const slice = parts.findIndex((part) => nalType(part) <= NalType.IDR);
  return { keyframe, payload: annexB([...parts.slice(0, slice), message, ...parts.slice(slice)]) };
}

/** A server on a free port with one camera, which plays a clip again and again, picture by picture as the test says. */
export class VideoServer implements AsyncDisposable {
  readonly bus: MemoryBus = new MemoryBus();
  readonly #controller = new AbortController();
  #running: RunningServer | undefined;
  #publication: Publication | undefined;
  #units: readonly Unit[] = clip("moving-320x180.h264");
  #next = 0;
  #sequence = 0;
  #capturedAt = 1_700_000_000_000_000;
  #wanted = 0;
  #demand: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;

  static async start(
    options: { readonly token?: string; readonly camera?: Partial<CameraInfo> } = {},
  ): Promise<VideoServer> {
    const server = new VideoServer();
    server.#publish({ ...DOOR, ...options.camera });
    server.#running = await run({
      bus: server.bus,
      host: "127.0.0.1",
      port: 0,
      token: options.token,
      pageDirectory: mkdtempSync(join(tmpdir(), "hello-page-")),
      signal: server.#controller.signal,
    });
    return server;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.#running?.port}${path}`;
  }

  /** How often a keyframe was wanted. */
  get wanted(): number {
    return this.#wanted;
  }

  /** Which tracks somebody takes. */
  get demand(): string[] {
    return [...this.#demand];
  }

  /** The sequence of the next frame. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Publish the next frames, each made longer by `padding` bytes. */
  publish(frames = 1, padding = 0): void {
    for (let n = 0; n < frames; n++) {
      const unit = padded(this.#units[this.#next] as Unit, padding);
      this.#publication?.publish("h264", {
        sequence: this.#sequence++,
        capturedAt: this.#capturedAt as Micros,
        keyframe: unit.keyframe,
        discardable: false,
        layer: 0,
        payload: unit.payload,
      });
      this.#next = (this.#next + 1) % this.#units.length;
      this.#capturedAt += FRAME_MICROS;
    }
  }

  /** Publish up to before the next keyframe, so that {@link publish} begins a GOP. */
  finishGop(): void {
    while (!this.#units[this.#next]?.keyframe) this.publish();
  }

  /** Publish the last `frames` frames again, as a recorder does that gives a GOP from its beginning; the first must be a keyframe. */
  repeat(frames: number): void {
    this.#next = (this.#next - frames + this.#units.length) % this.#units.length;
    this.#capturedAt -= frames * FRAME_MICROS;
    this.publish(frames);
  }

  /** Go on with another clip. */
  play(name: string): void {
    this.#units = clip(name);
    this.#next = 0;
  }

  /** From now on publish at the camera's rate, until disposal. */
  run(): void {
    this.#timer ??= setInterval(() => this.publish(), FRAME_MICROS / 1000);
  }

  /** The camera's clock is set. */
  setClock(micros: number): void {
    this.#capturedAt = micros;
  }

  update(camera: Partial<CameraInfo>): void {
    this.#publication?.update({ ...DOOR, ...camera });
  }

  /** The recorder starts again: another run, sequences from 0. */
  restartRecorder(): void {
    this.#publication?.close();
    this.#sequence = 0;
    this.#next = 0;
    this.#publish(DOOR);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#controller.abort();
    await this.#running?.stopped;
  }

  #publish(camera: CameraInfo): void {
    this.#publication = this.bus.publish(camera, {
      demand: (tracks) => {
        this.#demand = new Set(tracks);
      },
      keyframe: () => {
        this.#wanted++;
        while (!this.#units[this.#next]?.keyframe) this.#next = (this.#next + 1) % this.#units.length;
      },
      refused: () => {},
    });
  }
}
