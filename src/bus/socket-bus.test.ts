import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { type RunningMapper, run } from "../mapper/mapper.ts";
import type { CameraInfo, Micros } from "../protocol/index.ts";
import type { LocalAddress } from "./address.ts";
import { busContract, offered } from "./bus.contract.ts";
import { MemoryBus } from "./memory-bus.ts";
import { SocketBus } from "./socket-bus.ts";

const QUIET = { connected: () => {}, listed: () => {}, lost: () => {} };
const LOG = { warn: () => {} };

interface TestMapper extends RunningMapper {
  readonly bus: MemoryBus;
  stop(): Promise<void>;
}

async function startMapper(address: LocalAddress): Promise<TestMapper> {
  const controller = new AbortController();
  const bus = new MemoryBus();
  const running = await run({ address, bus, log: LOG, signal: controller.signal });
  return {
    ...running,
    bus,
    stop: () => {
      controller.abort();
      return running.stopped;
    },
  };
}

function socketPath(): { address: LocalAddress; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), "hello-bus-"));
  return {
    address: { kind: "path", path: join(folder, "mapper.sock") },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

async function pairOn(address: LocalAddress, remove = (): void => {}) {
  const mapper = await startMapper(address);
  const publisher = new SocketBus(mapper.address, QUIET, { subscribes: false });
  const rival = new SocketBus(mapper.address, QUIET, { subscribes: false });
  const subscriber = new SocketBus(mapper.address, QUIET, { subscribes: true });
  return {
    mapper,
    publisher,
    rival,
    subscriber,
    close: async () => {
      await publisher[Symbol.asyncDispose]();
      await rival[Symbol.asyncDispose]();
      await subscriber[Symbol.asyncDispose]();
      await mapper.stop();
      remove();
    },
  };
}

busContract("Unix domain socket", () => {
  const { address, remove } = socketPath();
  return pairOn(address, remove);
});
busContract("loopback TCP", () => pairOn({ kind: "tcp", host: "127.0.0.1", port: 0 }));

const INFO: CameraInfo = {
  id: "front",
  name: "front",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg" }],
};

describe("a socket bus", () => {
  const none = { frame: () => {}, renumbered: () => {} };
  let close: (() => Promise<void>) | undefined;
  afterEach(() => close?.());
  const start = async () => {
    const { address, remove } = socketPath();
    const pair = await pairOn(address, remove);
    ({ close } = pair);
    const demands: string[][] = [];
    const tracks = [...INFO.tracks, { name: "h264", codec: "avc1.42E01F" }];
    const publication = pair.publisher.publish(
      { ...INFO, tracks },
      { demand: (wanted) => demands.push([...wanted].sort()), keyframe: () => {}, refused: () => {} },
    );
    await eventually(() => expect(pair.subscriber.camera("front")?.state).toBe("live"));
    return { ...pair, publication, demands };
  };

  test("tells the mapper little of viewers who come and go, and of the last one when it has left", async () => {
    const { subscriber, demands } = await start();
    for (let n = 0; n < 1000; n++) subscriber.subscribe("front", "jpeg", none).close();
    const stays = subscriber.subscribe("front", "h264", none);
    await eventually(() => expect(demands.at(-1)).toEqual(["h264"]));
    stays.close();
    await eventually(() => expect(demands.at(-1)).toEqual([]));
    expect(demands).toEqual([[], ["jpeg"], ["h264", "jpeg"], ["h264"], []]);
  });

  test("asks for a camera that was taken away and is back only if somebody still takes it", async () => {
    const { publisher, subscriber, publication, mapper } = await start();
    const viewers = ["jpeg", "h264"].map((track) => subscriber.subscribe("front", track, none));
    publication.close();
    await eventually(() => expect(subscriber.camera("front")?.state).toBe("gone"));
    subscriber.forget("front");
    await eventually(() => expect(subscriber.camera("front")).toBeUndefined());
    viewers[0]?.close();
    const demands: string[][] = [];
    const tracks = [...INFO.tracks, { name: "h264", codec: "avc1.42E01F" }];
    publisher.publish(
      { ...INFO, tracks },
      { demand: (wanted) => demands.push([...wanted]), keyframe: () => {}, refused: () => {} },
    );
    await eventually(() => expect(demands.at(-1)).toEqual(["h264"]));
    expect(mapper.bus.figures("front").filter(({ subscribers }) => subscribers > 0)).toHaveLength(1);
  });
});

describe("a socket bus whose mapper goes away", () => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  test("tells its user that the cameras are gone, connects again, and goes on with the same publication", async () => {
    const { address, remove } = socketPath();
    ends.push(remove);
    const first = await startMapper(address);
    const lost: string[] = [];
    const publisher = new SocketBus(address, QUIET, { subscribes: false });
    const subscriber = new SocketBus(
      address,
      { ...QUIET, lost: (reason) => lost.push(reason) },
      { subscribes: true },
    );
    ends.push(
      () => publisher[Symbol.asyncDispose](),
      () => subscriber[Symbol.asyncDispose](),
    );
    const demands: string[][] = [];
    const publication = publisher.publish(INFO, {
      demand: (tracks) => demands.push([...tracks]),
      keyframe: () => {},
      refused: () => {},
    });
    const numbers: (number | undefined)[] = [];
    const subscription = subscriber.subscribe("front", "jpeg", {
      frame: () => {},
      renumbered: () => numbers.push(subscription.number),
    });
    await eventually(() => expect(demands.at(-1)).toEqual(["jpeg"]));
    publication.publish("jpeg", offered(100));
    await eventually(() => expect(subscription.after(undefined)?.sequence).toBe(100));

    await first.stop();
    await eventually(() => expect(subscriber.camera("front")?.reason).toBe("no connection to the mapper"));
    expect(lost).toHaveLength(1);
    expect(subscription.after(undefined)).toBeUndefined();

    const second = await startMapper(address);
    ends.push(() => second.stop());
    await eventually(() => expect(subscriber.camera("front")?.state).toBe("live"));
    await eventually(() => {
      publication.publish("jpeg", offered(101));
      expect(subscription.after(undefined)?.sequence).toBe(101);
    });
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test("a publisher whose mapper does not read keeps only its newest frame", async () => {
    const { address, remove } = socketPath();
    ends.push(remove);
    const mapper = await startMapper(address);
    ends.push(() => mapper.stop());
    const publisher = new SocketBus(address, QUIET, { subscribes: false });
    ends.push(() => publisher[Symbol.asyncDispose]());
    let known = false;
    const publication = publisher.publish(INFO, {
      demand: () => (known = true),
      keyframe: () => {},
      refused: () => {},
    });
    await eventually(() => expect(known).toBe(true));
    // One turn of the event loop: the mapper, in this same process, has no chance to read meanwhile.
    for (let sequence = 0; sequence < 200; sequence++)
      publication.publish("jpeg", offered(sequence, { bytes: 500_000 }));
    expect(publication.dropped).toBeGreaterThan(190);
    const subscription = mapper.bus.subscribe("front", "jpeg", { frame: () => {}, renumbered: () => {} });
    await eventually(() => expect(subscription.after(undefined)?.sequence).toBe(199));
  });
});
