import { afterEach, describe, expect, test } from "vitest";
import type { Bus, Publication, PublisherEvents } from "../../src/bus/index.ts";
import { parseNatsAddress } from "../../src/bus/nats-address.ts";
import { NatsBus } from "../../src/bus/nats-bus.ts";
import { LinkShaper } from "../../src/lab/link-shaper.ts";
import { ageMicros, type CameraInfo, Limits, now } from "../../src/protocol/index.ts";
import { type CutProxy, openCutProxy } from "../support/cut-proxy.ts";
import { eventually } from "../support/eventually.ts";
import { startCluster, startNats, type TestNats } from "../support/nats-server.ts";
import { has } from "../support/tools.ts";

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

/** Milliseconds within which everybody knows that a recorder is gone. */
const GONE_MS = 3000;

/** Frames of a camera of 30/s. */
const INTERVAL_MS = 33;

describe.skipIf(!has("nats-server", "--version"))("NATS in trouble", () => {
  const ends: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const nats = async (config = ""): Promise<TestNats> => {
    const server = await startNats({ config });
    ends.push(() => server.stop());
    return server;
  };
  const proxy = async (port: number): Promise<CutProxy> => {
    const opened = await openCutProxy(port);
    ends.push(() => opened.close());
    return opened;
  };
  const meet = async (url: string, subscribes: boolean): Promise<Bus> => {
    const bus = await NatsBus.open(
      parseNatsAddress(url),
      { connected: () => {}, lost: () => {}, forbidden: () => {} },
      { subscribes },
    );
    ends.push(() => bus[Symbol.asyncDispose]());
    return bus;
  };

  /** A camera that gives a frame as often as any does, while the test runs. */
  class Camera implements PublisherEvents {
    readonly publication: Publication;
    readonly demands: string[][] = [];
    readonly refusals: string[] = [];
    keyframes = 0;
    sequence = 0;
    constructor(bus: Bus, info: CameraInfo = INFO) {
      this.publication = bus.publish(info, this);
    }
    demand(tracks: ReadonlySet<string>): void {
      this.demands.push([...tracks]);
    }
    keyframe(): void {
      this.keyframes++;
    }
    refused(reason: string): void {
      this.refusals.push(reason);
    }
    shoot(track: string, bytes: number, keyframe = true): void {
      const facts = { sequence: this.sequence++, capturedAt: now(), keyframe, discardable: false, layer: 0 };
      this.publication.publish(track, { ...facts, payload: new Uint8Array(bytes) });
    }
    run(track: string, bytes: number, isKeyframe: () => boolean = () => true): void {
      const timer = setInterval(() => this.shoot(track, bytes, isKeyframe()), INTERVAL_MS);
      ends.push(() => clearInterval(timer));
    }
  }

  /** Takes what comes, and remembers how old it was. */
  class Watcher {
    readonly agesMs: number[] = [];
    readonly sequences: number[] = [];
    readonly keyframes: boolean[] = [];
    constructor(bus: Bus, track: string, camera = "front") {
      let last: number | undefined;
      const take = (): void => {
        for (;;) {
          const frame = subscription.after(last);
          if (frame === undefined) return;
          last = frame.sequence;
          this.sequences.push(frame.sequence);
          this.keyframes.push(frame.keyframe);
          this.agesMs.push(ageMicros(frame.capturedAt, bus.camera(camera) ?? {}) / 1000);
        }
      };
      const subscription = bus.subscribe(camera, track, {
        frame: take,
        renumbered: () => {
          last = undefined;
        },
      });
      ends.push(() => subscription.close());
    }
    async flows(more = 10): Promise<void> {
      const before = this.sequences.length;
      await eventually(() => expect(this.sequences.length).toBeGreaterThan(before + more), 20_000);
    }
    /** The age below which all but one in `of` of the last `count` frames were. */
    age(count: number, of = 20): number {
      const sorted = this.agesMs.slice(-count).sort((a, b) => a - b);
      return sorted[Math.floor(sorted.length * (1 - 1 / of))] ?? Number.POSITIVE_INFINITY;
    }
  }

  test("a recorder whose cable is pulled out is gone everywhere within 3 s, and back by itself", async () => {
    const { port, url } = await nats();
    const cable = await proxy(port);
    const camera = new Camera(await meet(`nats://127.0.0.1:${cable.port}`, false));
    const servers = [await meet(url, true), await meet(url, true)];
    const watchers = servers.map((server) => new Watcher(server, "jpeg"));
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["jpeg"]));
    camera.run("jpeg", 5000);
    for (const watcher of watchers) await watcher.flows();
    cable.cut(true);
    await eventually(() => {
      for (const server of servers)
        expect(server.camera("front")).toMatchObject({
          state: "gone",
          reason: "its recorder does not answer",
        });
    }, GONE_MS);
    // It hears of nobody any more, so it need not be open.
    await eventually(() => expect(camera.demands.at(-1)).toEqual([]), 2 * Limits.LEASE_MS);
    cable.cut(false);
    await eventually(() => expect(servers[0]?.camera("front")?.state).toBe("live"));
    for (const watcher of watchers) await watcher.flows();
    expect(watchers[0]?.age(5)).toBeLessThan(500);
    expect(camera.refusals).toEqual([]);
  });

  test("a server that dies without a word takes nothing after 3 s", async () => {
    const { port, url } = await nats();
    const cable = await proxy(port);
    const camera = new Camera(await meet(url, false));
    new Watcher(await meet(`nats://127.0.0.1:${cable.port}`, true), "h264");
    new Watcher(await meet(url, true), "jpeg");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["h264", "jpeg"]));
    cable.cut(true);
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["jpeg"]), Limits.LEASE_MS + 1500);
  });

  test("of two recorders that have an id on both sides of a cut, one keeps it and the other says so", async () => {
    const { port, url } = await nats();
    const cable = await proxy(port);
    const one = new Camera(await meet(`nats://127.0.0.1:${cable.port}`, false), { ...INFO, name: "One" });
    const server = await meet(url, true);
    await eventually(() => expect(server.camera("front")?.name).toBe("One"));
    cable.cut(true);
    const two = new Camera(await meet(url, false), { ...INFO, name: "Two" });
    await eventually(() => expect(server.camera("front")).toMatchObject({ name: "Two", state: "live" }));
    cable.cut(false);
    await eventually(() =>
      expect([...one.refusals, ...two.refusals].join()).toContain("another recorder has the camera id"),
    );
    const [winner, loser] = one.refusals.length > 0 ? [two, one] : [one, two];
    expect(winner.refusals).toEqual([]);
    const name = winner === one ? "One" : "Two";
    await eventually(() => expect(server.camera("front")).toMatchObject({ name, state: "live" }));
    winner.publication.close();
    await eventually(() =>
      expect(server.camera("front")).toMatchObject({ name: winner === one ? "Two" : "One", state: "live" }),
    );
    expect(loser.demands.length).toBeGreaterThan(0);
  });

  test("many that claim an id in the same instant come to one holder", async () => {
    const { url } = await nats();
    const buses = await Promise.all(Array.from({ length: 6 }, () => meet(url, false)));
    const server = await meet(url, true);
    const cameras = buses.map((bus, index) => new Camera(bus, { ...INFO, name: `N${index}` }));
    await eventually(() => expect(cameras.filter(({ refusals }) => refusals.length > 0)).toHaveLength(5));
    const holder = cameras.findIndex(({ refusals }) => refusals.length === 0);
    await eventually(() =>
      expect(server.camera("front")).toMatchObject({ name: `N${holder}`, state: "live" }),
    );
  });

  test("each node of a cluster may die: nobody's camera is gone, and frames go on", async () => {
    const cluster = await startCluster();
    ends.push(() => cluster.stop());
    const camera = new Camera(await meet(cluster.url, false));
    const servers = [await meet(cluster.url, true), await meet(cluster.url, true)];
    const states = new Set<string>();
    for (const server of servers) server.follow((_, info) => states.add(info?.state ?? "none"));
    const pictures = servers.map((server) => new Watcher(server, "jpeg"));
    const second = new Camera(await meet(cluster.url, false), { ...INFO, id: "other" });
    const video = new Watcher(servers[1] as Bus, "h264", "other");
    await eventually(() => expect(second.demands.at(-1)).toEqual(["h264"]));
    // One keyframe only: what is lost on the way has to be asked for again.
    second.run("h264", 1000, () => second.sequence === 1);
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["jpeg"]));
    camera.run("jpeg", 20_000);
    const watchers = [...pictures, video];
    for (const watcher of watchers) await watcher.flows();
    for (let index = 0; index < 3; index++) {
      await cluster.nodes[index]?.kill();
      for (const watcher of watchers) await watcher.flows();
      await cluster.restart(index);
      for (const watcher of watchers) await watcher.flows();
    }
    expect(states).toEqual(new Set(["live"]));
    const [first = 0] = video.sequences;
    expect(video.sequences).toEqual(video.sequences.map((_, index) => first + index));
  });

  test("who comes in the middle of a long group of pictures gets it from its keyframe, without a hole", async () => {
    const { url } = await nats();
    const camera = new Camera(await meet(url, false));
    const first = new Watcher(await meet(url, true), "h264");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["h264"]));
    camera.run("h264", 5000, () => camera.sequence === 1);
    await first.flows();
    const second = new Watcher(await meet(url, true), "h264");
    await second.flows(20);
    expect(second.keyframes[0]).toBe(true);
    for (const { sequences } of [first, second]) {
      expect(sequences).toEqual(sequences.map((_, index) => (sequences[0] ?? 0) + index));
    }
    expect(second.sequences[0]).toBe(first.sequences[0]);
  });

  test("who comes to one whose beginning is not held any more has a keyframe made", async () => {
    const { url } = await nats();
    const camera = new Camera(await meet(url, false));
    const first = new Watcher(await meet(url, true), "h264");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["h264"]));
    for (let n = 0; n <= Limits.MAX_GOP_FRAMES; n++) {
      camera.shoot("h264", 100, n === 0);
      await eventually(() => expect(first.sequences).toHaveLength(n + 1));
    }
    expect(camera.keyframes).toBe(0);
    const second = new Watcher(await meet(url, true), "h264");
    await eventually(() => expect(camera.keyframes).toBe(1));
    camera.shoot("h264", 100);
    await eventually(() => expect(second.keyframes).toEqual([true]));
  });

  test("a track that carries more than a server's way does not age there, and the others notice nothing", async () => {
    const { port, url } = await nats();
    const rate = (bitsPerSecond: number) => [{ fromMs: 0, bitsPerSecond }];
    const conditions = { delayMs: 10, jitterMs: 0, queueBytes: 100_000 };
    // 24 Mbit/s over 8.
    const narrow = new LinkShaper({
      down: { ...conditions, rate: rate(8e6) },
      up: { ...conditions, rate: rate(Number.POSITIVE_INFINITY) },
    });
    ends.push(() => narrow[Symbol.asyncDispose]());
    const camera = new Camera(await meet(url, false));
    const near = new Watcher(await meet(url, true), "jpeg");
    const far = new Watcher(await meet(`nats://127.0.0.1:${await narrow.forward(port)}`, true), "jpeg");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["jpeg"]));
    camera.run("jpeg", 100_000);
    await far.flows(50);
    // A frame takes 100 ms of its way.
    expect(far.age(40, 2)).toBeLessThan(300);
    expect(far.age(30)).toBeLessThan(500);
    expect(near.age(100)).toBeLessThan(200);
    expect(near.sequences.length).toBeGreaterThan(2 * far.sequences.length);
  });

  test("a recorder whose way is too narrow sends fewer frames, not older ones", async () => {
    const { port, url } = await nats();
    const conditions = { delayMs: 10, jitterMs: 0, queueBytes: 100_000 };
    const narrow = new LinkShaper({
      down: { ...conditions, rate: [{ fromMs: 0, bitsPerSecond: Number.POSITIVE_INFINITY }] },
      up: { ...conditions, rate: [{ fromMs: 0, bitsPerSecond: 8e6 }] },
    });
    ends.push(() => narrow[Symbol.asyncDispose]());
    const camera = new Camera(await meet(`nats://127.0.0.1:${await narrow.forward(port)}`, false));
    const watcher = new Watcher(await meet(url, true), "jpeg");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["jpeg"]));
    camera.run("jpeg", 100_000);
    await watcher.flows(40);
    expect(watcher.age(30, 2)).toBeLessThan(300);
    expect(watcher.age(30)).toBeLessThan(500);
    expect(camera.publication.dropped).toBeGreaterThan(40);
  });

  test("a subscriber whose way gets too narrow goes on at a newest keyframe, and NATS holds little for it", async () => {
    const { port, url, monitorPort } = await nats();
    const free = { delayMs: 5, jitterMs: 0, queueBytes: 64_000 };
    const rate = (...steps: [fromMs: number, bitsPerSecond: number][]) =>
      steps.map(([fromMs, bitsPerSecond]) => ({ fromMs, bitsPerSecond }));
    // 2.4 Mbit/s of deltas over 20, over 1, and over 20 again.
    const shaper = new LinkShaper({
      down: { ...free, rate: rate([0, 20e6], [1000, 1e6], [6000, 20e6]) },
      up: { ...free, rate: rate([0, Number.POSITIVE_INFINITY]) },
    });
    ends.push(() => shaper[Symbol.asyncDispose]());
    const camera = new Camera(await meet(url, false));
    const near = new Watcher(await meet(url, true), "h264");
    const far = new Watcher(await meet(`nats://127.0.0.1:${await shaper.forward(port)}`, true), "h264");
    await eventually(() => expect(camera.demands.at(-1)).toEqual(["h264"]));
    let wished = -1;
    camera.run("h264", 10_000, () => {
      const isWished = camera.keyframes !== wished;
      wished = camera.keyframes;
      return isWished;
    });
    await far.flows(30);
    let mostBytes = 0;
    let looks = 0;
    const look = async (): Promise<void> => {
      const answer = await fetch(`http://127.0.0.1:${monitorPort}/connz`);
      const { connections } = (await answer.json()) as { connections: { pending_bytes: number }[] };
      for (const { pending_bytes } of connections) mostBytes = Math.max(mostBytes, pending_bytes);
      looks++;
    };
    const looking = setInterval(() => void look().catch(() => {}), 100);
    ends.push(() => clearInterval(looking));
    shaper.start();
    const isHole = (index: number): boolean => far.sequences[index] !== (far.sequences[index - 1] ?? 0) + 1;
    await eventually(() => {
      expect(far.sequences.slice(1).some((_, index) => isHole(index + 1))).toBe(true);
    }, 15_000);
    const before = far.sequences.length;
    await eventually(() => {
      expect(far.sequences.length).toBeGreaterThan(before + 60);
      expect(far.age(10, 2)).toBeLessThan(200);
    }, 20_000);
    for (const [index, keyframe] of far.keyframes.entries()) {
      if (index > 0 && isHole(index)) expect(keyframe).toBe(true);
    }
    expect(near.sequences).toEqual(near.sequences.map((_, index) => (near.sequences[0] ?? 0) + index));
    expect(near.age(100)).toBeLessThan(200);
    expect(looks).toBeGreaterThan(10);
    expect(mostBytes).toBeLessThan(1_000_000);
  });
});
