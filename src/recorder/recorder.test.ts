import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bus, OfferedFrame, Publication, PublisherEvents } from "../bus/index.ts";
import { type CameraInfo, micros, type TrackInfo } from "../protocol/index.ts";
import { type Capture, type FrameSource, SourceError, type SourceFrame } from "./frame-source.ts";
import { Newest } from "./newest.ts";
import { GRACE_MS, Recorder, type RecorderConfig, type RunEnd } from "./recorder.ts";
import { StalledError } from "./stalled-error.ts";

const TRACKS: readonly TrackInfo[] = [{ name: "jpeg", codec: "jpeg", width: 640, height: 480, rate: 30 }];

/** A camera that does what the test says. */
class FakeSource implements FrameSource {
  readonly label = "/dev/fake";
  silenceMs: number | undefined;
  /** Whether it is plugged in, where it can tell. */
  plugged: boolean | undefined;
  opened = 0;
  closed = 0;
  /** What opening answers with; `undefined` opens. */
  problem: string | undefined;
  tracks = TRACKS;
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
    return {
      get tracks() {
        return tracks();
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
    await settle();
  }

  async end(): Promise<void> {
    this.#frames.end();
    await settle();
  }

  async break(reason: string | SourceError): Promise<void> {
    this.#frames.end(typeof reason === "string" ? new SourceError(reason) : reason);
    await settle();
  }
}

/** Keeps what a recorder tells it. */
class FakeBus implements Pick<Bus, "publish"> {
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
    await settle();
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

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

let source: FakeSource;
let bus: FakeBus;
let lines: string[];
let stopping: AbortController;
let done: Promise<RunEnd>;
let recorder: Recorder;

async function start(config: Partial<RecorderConfig> = {}): Promise<void> {
  const log = {
    info: (line: string) => lines.push(`info ${line}`),
    warn: (line: string) => lines.push(`warn ${line}`),
  };
  recorder = new Recorder(
    { id: "front", name: "Front", source, ...config },
    { bus: bus as unknown as Bus, log },
  );
  done = recorder.run(stopping.signal);
  await settle();
}

beforeEach(() => {
  vi.useFakeTimers();
  source = new FakeSource();
  bus = new FakeBus();
  lines = [];
  stopping = new AbortController();
});

afterEach(async () => {
  stopping.abort();
  await settle();
  await done;
  vi.useRealTimers();
});

describe("a camera that works", () => {
  test("is opened at the start, and closed when nobody has come", async () => {
    await start();
    expect(source.opened).toBe(1);
    expect(bus.states).toEqual(["opening"]);
    await source.shoot();
    expect(bus.states).toEqual(["opening", "live"]);
    expect(bus.cameras.at(-1)).toMatchObject({
      id: "front",
      name: "Front",
      source: "/dev/fake",
      tracks: TRACKS,
    });
    await pass(GRACE_MS);
    expect(bus.states).toEqual(["opening", "live", "closed"]);
    expect(source.closed).toBe(1);
    expect(lines).toEqual([]);
  });

  test("stays open while somebody watches, and for a while after", async () => {
    await start();
    await source.shoot();
    await bus.demand("jpeg");
    await pass(10 * GRACE_MS);
    await bus.demand();
    await pass(GRACE_MS - 1);
    await bus.demand("jpeg");
    await pass(GRACE_MS);
    expect(bus.states.at(-1)).toBe("live");
    await bus.demand();
    await pass(GRACE_MS);
    expect(bus.states.at(-1)).toBe("closed");
  });

  test("is opened again when somebody comes", async () => {
    await start();
    await source.shoot();
    await pass(GRACE_MS);
    await bus.demand("jpeg");
    expect(bus.states.at(-1)).toBe("opening");
    await source.shoot();
    expect(bus.states).toEqual(["opening", "live", "closed", "opening", "live"]);
    expect(source.opened).toBe(2);
  });

  test("stays open for ever when it should", async () => {
    await start({ keepOpen: true });
    await source.shoot();
    await pass(10 * GRACE_MS);
    expect(bus.states).toEqual(["opening", "live"]);
  });

  test("counts its frames over the whole run", async () => {
    await start();
    await source.shoot(11);
    await source.shoot(22);
    await pass(GRACE_MS);
    await bus.demand("jpeg");
    await source.shoot(33);
    expect(bus.frames).toMatchObject([
      { track: "jpeg", sequence: 0, capturedAt: 11, keyframe: true, discardable: false, layer: 0 },
      { track: "jpeg", sequence: 1, capturedAt: 22 },
      { track: "jpeg", sequence: 2, capturedAt: 33 },
    ]);
    expect(recorder.counters).toEqual({ captured: 3, overwritten: 2, broken: 4, decoded: 6, encoded: 8 });
  });

  test("is told what is wanted; until its first frame one track is, to prove that it works", async () => {
    await start();
    expect(source.wanted).toEqual(["jpeg"]);
    await bus.demand("h264");
    expect(source.wanted.at(-1)).toBe("h264 jpeg");
    await source.shoot();
    expect(source.wanted.at(-1)).toBe("h264");
    await bus.demand("jpeg", "h264");
    expect(source.wanted.at(-1)).toBe("jpeg h264");
    await bus.demand();
    expect(source.wanted.at(-1)).toBe("");
  });

  test("is told of wishes for a keyframe while it is open", async () => {
    bus.wish("h264");
    await start();
    bus.wish("h264");
    expect(source.wishes).toEqual(["h264"]);
    await source.shoot();
    await pass(GRACE_MS);
    bus.wish("h264");
    expect(source.wishes).toEqual(["h264"]);
  });

  test("says so when its size changes", async () => {
    await start();
    await source.shoot();
    source.tracks = [{ name: "jpeg", codec: "jpeg", width: 320, height: 240 }];
    await pass(1000);
    await source.shoot();
    expect(bus.states).toEqual(["opening", "live", "live"]);
    expect(bus.cameras[2]).toMatchObject({ tracks: source.tracks, since: bus.cameras[1]!.since });
  });
});

describe("a camera that cannot be opened", () => {
  test("is tried for ever, ever more slowly, and complains once", async () => {
    source.problem = "cannot open /dev/fake: no such file or directory";
    await start();
    expect(bus.states).toEqual(["opening", `gone: ${source.problem}`]);
    await pass(60_000);
    // 0.1, 0.2, 0.4, 0.8, 1.6, 3.2 s, then every 5 s; each up to a quarter sooner.
    expect(source.opened).toBeGreaterThanOrEqual(17);
    expect(source.opened).toBeLessThanOrEqual(23);
    expect(new Set(bus.states.slice(1))).toEqual(new Set([`gone: ${source.problem}`]));
    expect(bus.cameras.at(-1)).toMatchObject({ attempts: source.opened, since: bus.cameras[1]!.since });
    expect(lines).toEqual([
      "warn front: cannot open /dev/fake: no such file or directory; trying again until it works",
    ]);
  });

  test("complains again when the reason changes, and says when it is live", async () => {
    source.problem = "busy";
    await start();
    source.problem = "missing";
    await pass(100);
    source.problem = undefined;
    await pass(200);
    await source.shoot();
    expect(bus.states).toEqual(["opening", "gone: busy", "gone: missing", "live"]);
    expect(bus.cameras.at(-1)).not.toHaveProperty("reason");
    expect(lines).toEqual([
      "warn front: busy; trying again until it works",
      "warn front: missing; trying again until it works",
      "info front: live again",
    ]);
  });

  test("is not tried sooner because somebody comes", async () => {
    source.problem = "busy";
    await start();
    await pass(20_000);
    const { opened } = source;
    await bus.demand("jpeg");
    await bus.demand();
    await bus.demand("jpeg");
    expect(source.opened).toBe(opened);
  });

  test("keeps the reason of its failure short enough for the wire", async () => {
    source.problem = "x".repeat(2000);
    await start();
    expect(bus.cameras.at(-1)?.reason).toHaveLength(512);
  });
});

describe("a camera that goes away", () => {
  test("is gone at once and tried again while somebody watches", async () => {
    await start();
    await source.shoot();
    await bus.demand("jpeg");
    source.problem = "cannot open /dev/fake: no such device";
    await source.break("lost /dev/fake: no such device");
    expect(source.closed).toBe(1);
    expect(bus.states.at(-1)).toBe("gone: lost /dev/fake: no such device");
    await pass(10_000);
    expect(bus.states.at(-1)).toBe("gone: cannot open /dev/fake: no such device");
    source.problem = undefined;
    await pass(5000);
    await source.shoot();
    expect(bus.states.at(-1)).toBe("live");
    expect(lines.at(-1)).toBe("info front: live again");
  });

  test("complains again about what it has recovered from", async () => {
    await start({ keepOpen: true });
    for (let round = 0; round < 2; round++) {
      await source.shoot();
      await source.break("lost");
      await pass(1000);
    }
    await source.shoot();
    const round = ["warn front: lost; trying again until it works", "info front: live again"];
    expect(lines).toEqual([...round, ...round]);
  });

  test("that ends without a word is gone too", async () => {
    await start();
    await source.shoot();
    await source.end();
    expect(bus.states.at(-1)).toBe("gone: /dev/fake has ended");
  });

  test("is tried again while nobody watches too, so that the list tells the truth; then it is closed", async () => {
    await start();
    await source.shoot();
    await source.break("lost");
    expect(bus.states.at(-1)).toBe("gone: lost");
    await pass(5000);
    expect(source.opened).toBe(2);
    await source.shoot();
    expect(bus.states.at(-1)).toBe("live");
    await pass(GRACE_MS);
    expect(bus.states.at(-1)).toBe("closed");
  });

  test("is tried ever more slowly when it fails right after opening", async () => {
    await start({ keepOpen: true });
    for (let round = 0; round < 8; round++) {
      await source.shoot();
      await source.break("lost");
      await pass(5000);
    }
    const { opened } = source;
    await source.break("lost");
    await pass(3000);
    expect(source.opened).toBe(opened);
  });

  test("is tried soon when it was well before", async () => {
    await start({ keepOpen: true });
    for (let round = 0; round < 8; round++) {
      await source.shoot();
      await source.break("lost");
      await pass(5000);
    }
    await source.shoot();
    await pass(5000);
    const { opened } = source;
    await source.break("lost");
    await pass(100);
    expect(source.opened).toBe(opened + 1);
  });
});

describe("a camera that stalls", () => {
  const stall = (): Promise<void> => source.break(new StalledError("no frame for 2 s"));

  test("says so, with its last good time and how often it was tried, until it is live", async () => {
    await start({ keepOpen: true });
    await source.shoot(1234);
    await stall();
    expect(bus.cameras.at(-1)).toMatchObject({
      state: "stalled",
      reason: "no frame for 2 s",
      attempts: 1,
      lastFrameAt: 1234,
    });
    await pass(1000);
    await stall();
    expect(bus.cameras.at(-1)).toMatchObject({ state: "stalled", attempts: 2, lastFrameAt: 1234 });
    await pass(1000);
    await source.shoot();
    expect(bus.states).toEqual([
      "opening",
      "live",
      "stalled: no frame for 2 s",
      "stalled: no frame for 2 s",
      "live",
    ]);
    for (const field of ["reason", "attempts", "lastFrameAt"])
      expect(bus.cameras.at(-1)).not.toHaveProperty(field);
  });

  test("is opened again; if that does not help, asks for a new process", async () => {
    await start({ keepOpen: true, restarts: true });
    await source.shoot();
    for (let round = 0; round < 3; round++) {
      await stall();
      await pass(1000);
    }
    expect(await done).toBe("hopeless");
    expect(bus.closed).toBe(true);
    expect(source.opened).toBe(3);
    expect(lines.at(-1)).toMatch(/its recorder is started again/);
  });

  test("is opened again for ever where nobody would start a new process", async () => {
    await start({ keepOpen: true });
    for (let round = 0; round < 9; round++) {
      await stall();
      await pass(6000);
    }
    expect(source.opened).toBe(10);
  });

  test("and was well in between is not hopeless", async () => {
    await start({ keepOpen: true, restarts: true });
    for (let round = 0; round < 9; round++) {
      await source.shoot();
      await pass(5000);
      await stall();
      await pass(1000);
    }
    expect(source.opened).toBe(10);
  });

  test("and then hangs in its driver asks for a new process at once", async () => {
    source.hangs = true;
    await start({ keepOpen: true, restarts: true });
    await source.shoot();
    await stall();
    await pass(5000);
    expect(await done).toBe("hopeless");
  });

  test("gives nothing usable for as long as it says is too long", async () => {
    source.silenceMs = 5000;
    await start();
    await pass(4999);
    expect(bus.states).toEqual(["opening"]);
    await pass(1);
    expect(bus.states.at(-1)).toBe("stalled: no usable frame for 5 s");
    await pass(1000);
    await source.shoot();
    expect(bus.states.at(-1)).toBe("live");
  });

  test("has given nothing that nobody wanted", async () => {
    source.silenceMs = 5000;
    await start({ keepOpen: true });
    await source.shoot();
    await pass(60_000);
    expect(bus.states.at(-1)).toBe("live");
    await bus.demand("jpeg");
    await pass(4000);
    await source.shoot();
    await pass(4000);
    expect(bus.states.at(-1)).toBe("live");
    await pass(1000);
    expect(bus.states.at(-1)).toBe("stalled: no usable frame for 5 s");
  });
});

describe("a camera that is pulled out", () => {
  test("is gone though nobody watches, and is not opened while it is away", async () => {
    source.plugged = true;
    await start();
    await source.shoot();
    await pass(GRACE_MS);
    expect(bus.states.at(-1)).toBe("closed");
    source.plugged = false;
    await pass(1000);
    expect(bus.states.at(-1)).toBe("gone: /dev/fake is not plugged in");
    await pass(60_000);
    expect(source.opened).toBe(1);
  });

  test("is opened as soon as it is back, however long it was away", async () => {
    source.plugged = true;
    await start({ keepOpen: true });
    await source.shoot();
    source.plugged = false;
    await source.break("lost /dev/fake: no such device");
    expect(bus.states.at(-1)).toBe("gone: /dev/fake is not plugged in");
    await pass(3_600_000);
    source.plugged = true;
    await pass(250);
    expect(source.opened).toBe(2);
    await source.shoot();
    expect(bus.states.at(-1)).toBe("live");
    await pass(60_000);
    stopping.abort();
    await settle();
    expect(await done).toBe("stopped");
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("the end", () => {
  test("closes the device and takes the camera off the bus", async () => {
    await start();
    await source.shoot();
    stopping.abort();
    await settle();
    await done;
    expect(source.closed).toBe(1);
    expect(bus.closed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each(["busy", undefined])("does not wait for anything (gone: %s)", async (problem) => {
    source.problem = problem;
    await start();
    if (problem === undefined) {
      await source.shoot();
      await pass(GRACE_MS);
    }
    stopping.abort();
    await settle();
    await done;
    expect(vi.getTimerCount()).toBe(0);
  });
});

test("a bus that refuses is named to the user", async () => {
  await start();
  bus.refuse('another recorder publishes "front"');
  expect(lines).toEqual(['warn front: another recorder publishes "front"; trying again until it works']);
});
