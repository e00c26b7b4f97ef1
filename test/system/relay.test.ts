import { afterEach, describe, expect, test } from "vitest";
import { MemoryBus, type PublisherEvents } from "../../src/bus/index.ts";
import { LinkShaper } from "../../src/lab/link-shaper.ts";
import { ageMicros, type CameraInfo, Limits, now } from "../../src/protocol/index.ts";
import { type RelayOptions, relay } from "../../src/relay/index.ts";
import * as Server from "../../src/server/server.ts";
import { eventually } from "../support/eventually.ts";

const INFO: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: now(),
  tracks: [
    { name: "jpeg", codec: "jpeg" },
    { name: "h264", codec: "avc1.42E01F" },
  ],
};

const INTERVAL_MS = 33;

describe("a relay", () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** A server with a bus of its own. */
  const serve = async (hub: string, options: { port?: number; token?: string } = {}) => {
    const controller = new AbortController();
    const bus = new MemoryBus();
    const { port = 0, token } = options;
    const running = await Server.run({
      bus,
      token,
      hub,
      port,
      host: "127.0.0.1",
      pageDirectory: "/nonexistent",
      signal: controller.signal,
    });
    const stop = async (): Promise<void> => {
      controller.abort();
      await running.stopped;
    };
    ends.push(stop);
    return { bus, hub, port: running.port, stop };
  };
  const take = (
    port: number,
    to: { bus: MemoryBus; hub: string },
    options: Partial<RelayOptions> = {},
  ): { said: string[]; over: Promise<unknown> } => {
    const controller = new AbortController();
    const said: string[] = [];
    const log = { info: (text: string) => said.push(text), warn: (text: string) => said.push(text) };
    const { bus, hub } = to;
    const over = relay({
      url: `ws://127.0.0.1:${port}/ws`,
      label: "the source",
      token: undefined,
      cameras: undefined,
      bus,
      hub,
      log,
      signal: controller.signal,
      ...options,
    }).catch((error: unknown) => error);
    ends.push(() => {
      controller.abort();
      return over;
    });
    return { said, over };
  };

  class Camera implements PublisherEvents {
    readonly publication;
    readonly demands: string[][] = [];
    sequence = 0;
    keyframes = 0;
    constructor(bus: MemoryBus, info: CameraInfo = INFO) {
      this.publication = bus.publish(info, this);
    }
    demand(tracks: ReadonlySet<string>): void {
      this.demands.push([...tracks]);
    }
    keyframe(): void {
      this.keyframes++;
    }
    refused(): void {}
    run(track: string, bytes: number, everyKeyframe = 1): void {
      const timer = setInterval(() => {
        const sequence = this.sequence++;
        const payload = new Uint8Array(bytes).fill(sequence % 251);
        const keyframe = sequence % everyKeyframe === 0;
        const discardable = !keyframe && sequence % 2 === 1;
        this.publication.publish(track, {
          sequence,
          capturedAt: now(),
          keyframe,
          discardable,
          layer: 0,
          payload,
        });
      }, INTERVAL_MS);
      ends.push(() => clearInterval(timer));
    }
  }

  class Watcher {
    readonly sequences: number[] = [];
    readonly payloads: Uint8Array[] = [];
    readonly agesMs: number[] = [];
    readonly close: () => void;
    constructor(bus: MemoryBus, camera: string, track: string) {
      let last: number | undefined;
      const take = (): void => {
        for (;;) {
          const frame = subscription.after(last);
          if (frame === undefined) return;
          last = frame.sequence;
          this.sequences.push(frame.sequence);
          this.payloads.push(frame.payload);
          this.agesMs.push(ageMicros(frame.capturedAt, bus.camera(camera) ?? {}) / 1000);
        }
      };
      const subscription = bus.subscribe(camera, track, {
        frame: take,
        renumbered: () => (last = undefined),
      });
      this.close = () => subscription.close();
    }
    async flows(more = 10): Promise<void> {
      const before = this.sequences.length;
      await eventually(() => expect(this.sequences.length).toBeGreaterThan(before + more), 20_000);
    }
    age(count: number, part = 0.95): number {
      const sorted = this.agesMs.slice(-count).sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length * part)] ?? Number.POSITIVE_INFINITY;
    }
  }

  test("takes each track once, only while it is watched, byte for byte, over two servers, and says how old it was at each", async () => {
    const [a, b, c] = [await serve("aa"), await serve("bb"), await serve("cc")];
    const camera = new Camera(a.bus);
    camera.run("jpeg", 20_000);
    take(a.port, b);
    take(b.port, c);
    await eventually(() => expect(c.bus.camera("front")?.state).toBe("live"));
    expect(c.bus.camera("front")?.hops).toEqual([{ hub: "aa" }, { hub: "bb" }]);
    expect(camera.demands).toEqual([[]]);
    const watchers = [1, 2, 3].map(() => new Watcher(c.bus, "front", "jpeg"));
    for (const watcher of watchers) await watcher.flows();
    expect(a.bus.figures("front").find(({ track }) => track === "jpeg")?.subscribers).toBe(1);
    for (const { sequences, payloads } of watchers) {
      expect(payloads.every((payload) => payload.byteLength === 20_000)).toBe(true);
      expect(new Set(payloads.map((payload) => payload[0])).size).toBe(sequences.length);
    }
    await eventually(() => {
      const hops = c.bus.camera("front")?.hops ?? [];
      expect(hops.map(({ ageMs }) => typeof ageMs)).toEqual(["number", "number"]);
    });
    expect(c.bus.camera("front")?.clock?.error).toBeLessThan(100_000);
    for (const watcher of watchers) watcher.close();
    await eventually(() => expect(camera.demands.at(-1)).toEqual([]));
  });

  test("hands on every frame of a group of pictures, those too that no other needs", async () => {
    const [a, b] = [await serve("aa"), await serve("bb")];
    const camera = new Camera(a.bus);
    camera.run("h264", 5000, 60);
    take(a.port, b);
    await eventually(() => expect(b.bus.camera("front")?.state).toBe("live"));
    const watcher = new Watcher(b.bus, "front", "h264");
    await watcher.flows(80);
    const [first = 0] = watcher.sequences;
    expect(watcher.sequences).toEqual(watcher.sequences.map((_, index) => first + index));
  });

  test("takes the cameras that it is told, under the ids that it is told", async () => {
    const [a, b] = [await serve("aa"), await serve("bb")];
    for (const id of ["front", "back", "yard"]) new Camera(a.bus, { ...INFO, id });
    take(a.port, b, {
      cameras: new Map([
        ["front", "front"],
        ["back", "garden"],
      ]),
    });
    await eventually(() =>
      expect(
        b.bus
          .cameras()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(["front", "garden"]),
    );
  });

  test("takes as many tracks as the source gives on one connection: those beyond wait, and cost the others nothing", async () => {
    const [a, b] = [await serve("aa"), await serve("bb")];
    const tracks = Array.from({ length: Limits.MAX_TRACKS_PER_CAMERA }, (_, n) => ({
      name: `jpeg-${n}`,
      codec: "jpeg",
    }));
    const ids = Array.from({ length: Limits.MAX_WATCHES / tracks.length }, (_, n) => `c${n}`);
    const cameras = [...ids, "last"].map((id) => new Camera(a.bus, { ...INFO, id, tracks }));
    const { said } = take(a.port, b);
    await eventually(() => expect(b.bus.cameras()).toHaveLength(cameras.length));
    const watchers = ids.flatMap((id) => tracks.map(({ name }) => new Watcher(b.bus, id, name)));
    const beyond = new Watcher(b.bus, "last", "jpeg-0");
    await eventually(() =>
      expect(cameras.flatMap(({ demands }) => demands.at(-1) ?? [])).toHaveLength(watchers.length),
    );
    cameras[0]?.run("jpeg-0", 100);
    cameras.at(-1)?.run("jpeg-0", 100);
    await watchers[0]?.flows();
    expect(said.join()).toContain("256 tracks are taken from the source");
    expect(said.join()).not.toContain("no connection");
    expect(beyond.sequences).toEqual([]);
    watchers.at(-1)?.close();
    await beyond.flows();
    await watchers[0]?.flows();
    expect(said.join()).not.toContain("no connection");
  });

  test("refuses itself, and frames that have been here", async () => {
    const [a, b] = [await serve("aa"), await serve("bb")];
    new Camera(a.bus);
    const self = take(a.port, a);
    expect(String(await self.over)).toContain("is this relay itself: expected another server");
    take(a.port, b);
    await eventually(() => expect(b.bus.camera("front")).toBeDefined());
    const back = take(b.port, a, { cameras: new Map([["front", "again"]]) });
    await eventually(() => expect(back.said.join()).toContain("a loop is refused"));
    expect(a.bus.camera("again")).toBeUndefined();
  });

  test("heals: the source ends and starts again, and frames go on without a keyframe being taken for an older one", async () => {
    const a = await serve("aa");
    const b = await serve("bb");
    new Camera(a.bus).run("jpeg", 5000);
    const { said } = take(a.port, b);
    await eventually(() => expect(b.bus.camera("front")?.state).toBe("live"));
    const watcher = new Watcher(b.bus, "front", "jpeg");
    await watcher.flows();
    await a.stop();
    await eventually(() =>
      expect(b.bus.camera("front")).toMatchObject({ state: "gone", reason: "no connection to the source" }),
    );
    expect(said.join()).toContain("no connection to the source");
    const again = await serve("aa", { port: a.port });
    new Camera(again.bus).run("jpeg", 5000);
    await watcher.flows();
    expect(b.bus.camera("front")?.state).toBe("live");
    expect(watcher.sequences).toEqual([...watcher.sequences].sort((x, y) => x - y));
  });

  test("says in one sentence that it needs a token, and takes one", async () => {
    const [a, b] = [await serve("aa", { token: "right-token" }), await serve("bb")];
    new Camera(a.bus);
    const sentence = String(await take(a.port, b, { token: "wrong-token" }).over);
    expect(sentence).toContain("the source refuses this program: expected its token");
    expect(sentence).not.toContain("wrong-token");
    take(a.port, b, { token: "right-token" });
    await eventually(() => expect(b.bus.camera("front")?.state).toBe("live"));
  });

  test("stays fresh over a narrow link, one relay behind the other", async () => {
    const [a, b, c] = [await serve("aa"), await serve("bb"), await serve("cc")];
    new Camera(a.bus).run("jpeg", 100_000);
    const conditions = { delayMs: 10, jitterMs: 0, queueBytes: 100_000 };
    // 24 Mbit/s over 8.
    const narrow = new LinkShaper({
      down: { ...conditions, rate: [{ fromMs: 0, bitsPerSecond: 8e6 }] },
      up: { ...conditions, rate: [{ fromMs: 0, bitsPerSecond: Number.POSITIVE_INFINITY }] },
    });
    ends.push(() => narrow[Symbol.asyncDispose]());
    take(await narrow.forward(a.port), b);
    take(b.port, c);
    await eventually(() => expect(c.bus.camera("front")?.state).toBe("live"));
    const watcher = new Watcher(c.bus, "front", "jpeg");
    await watcher.flows(60);
    expect(watcher.age(40)).toBeLessThan(400);
  });
});
