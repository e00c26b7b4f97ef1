import { vi } from "vitest";
import type { Bus, OfferedFrame, Publication, PublisherEvents } from "../../src/bus/index.ts";
import { type CameraInfo, micros, type TrackInfo } from "../../src/protocol/index.ts";
import {
  type Capture,
  type FrameSource,
  type SourceControls,
  SourceError,
  type SourceFrame,
} from "../../src/recorder/frame-source.ts";
import { Newest } from "../../src/recorder/newest.ts";

/** What a {@link FakeSource} offers. */
export const TRACKS: readonly TrackInfo[] = [
  { name: "jpeg", codec: "jpeg", width: 640, height: 480, rate: 30 },
];

/** A camera that does what the test says. */
export class FakeSource implements FrameSource {
  readonly label = "/dev/fake";
  controls: SourceControls | undefined;
  silenceMs: number | undefined;
  /** Whether it is plugged in, where it can tell. */
  plugged: boolean | undefined;
  opened = 0;
  closed = 0;
  /** What opening answers with; `undefined` opens. */
  problem: string | undefined;
  tracks = TRACKS;
  /** Why it does not give all tracks. */
  trouble: string | undefined;
  /** What it was told to give, each time. */
  readonly wanted: string[] = [];
  /** Tracks of which a keyframe was wished. */
  readonly wishes: string[] = [];
  #frames = new Newest<SourceFrame>();

  /** Never closes. */
  hangs = false;

  get present(): (() => boolean) | undefined {
    return this.plugged === undefined ? undefined : () => this.plugged === true;
  }

  async open(): Promise<Capture> {
    this.opened++;
    if (this.problem !== undefined) throw new SourceError(this.problem);
    const frames = new Newest<SourceFrame>();
    this.#frames = frames;
    const tracks = (): readonly TrackInfo[] => this.tracks;
    const trouble = (): string | undefined => this.trouble;
    return {
      get tracks() {
        return tracks();
      },
      get problem() {
        return trouble();
      },
      counters: { overwritten: 1, broken: 2, decoded: 3, encoded: 4 },
      want: (tracks) => this.wanted.push([...tracks].join(" ")),
      keyframe: (track) => this.wishes.push(track),
      async *frames(signal: AbortSignal) {
        signal.addEventListener("abort", () => frames.end());
        for (let frame = await frames.take(); frame !== undefined; frame = await frames.take()) yield frame;
      },
      [Symbol.asyncDispose]: async () => {
        this.closed++;
        if (this.hangs) await new Promise(() => {});
      },
    };
  }

  async shoot(at = 0): Promise<void> {
    this.#frames.put({
      track: "jpeg",
      capturedAt: micros(at),
      keyframe: true,
      discardable: false,
      payload: new Uint8Array(1),
    });
    await vi.advanceTimersByTimeAsync(0);
  }

  async end(): Promise<void> {
    this.#frames.end();
    await vi.advanceTimersByTimeAsync(0);
  }

  async break(reason: string | SourceError): Promise<void> {
    this.#frames.end(typeof reason === "string" ? new SourceError(reason) : reason);
    await vi.advanceTimersByTimeAsync(0);
  }
}

/** Keeps what a recorder tells it. */
export class FakeBus implements Pick<Bus, "publish"> {
  readonly cameras: CameraInfo[] = [];
  readonly frames: (OfferedFrame & { track: string })[] = [];
  closed = false;
  #events: PublisherEvents | undefined;

  publish(camera: CameraInfo, events: PublisherEvents): Publication {
    this.cameras.push(camera);
    this.#events = events;
    events.demand(new Set());
    return {
      dropped: 0,
      update: (changed) => this.cameras.push(changed),
      publish: (track, frame) => this.frames.push({ ...frame, track }),
      close: () => {
        this.closed = true;
      },
    };
  }

  async demand(...tracks: string[]): Promise<void> {
    this.#events?.demand(new Set(tracks));
    await vi.advanceTimersByTimeAsync(0);
  }

  async adjust(set: Readonly<Record<string, number>>): Promise<unknown> {
    return this.#events?.adjust?.(new Map(Object.entries(set)));
  }

  wish(track: string): void {
    this.#events?.keyframe(track);
  }

  refuse(reason: string): void {
    this.#events?.refused(reason);
  }

  get states(): string[] {
    return this.cameras.map(({ state, reason }) => (reason === undefined ? state : `${state}: ${reason}`));
  }
}
