import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test, vi } from "vitest";
import { Receiver } from "../hub/index.ts";
import { type CameraInfo, Limits, type Micros } from "../protocol/index.ts";
import { busContract, offered } from "./bus.contract.ts";
import { MemoryBus } from "./memory-bus.ts";

busContract("memory", async () => {
  const bus = new MemoryBus();
  return { publisher: bus, rival: bus, subscriber: bus, close: () => bus[Symbol.asyncDispose]() };
});

const camera = (id: string, since = 1): CameraInfo => ({
  id,
  name: id,
  source: "test:",
  state: "live",
  since: since as Micros,
  tracks: [{ name: "jpeg", codec: "jpeg" }],
});
/** Bytes that this process holds, of JavaScript's heap and behind its arrays, without what nobody needs any more. */
const heldBytes = (): number => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};
const NOBODY = { demand: () => {}, keyframe: () => {}, refused: () => {} };

describe("a memory bus", () => {
  test("keeps no more cameras than its limit: the one gone for the longest makes room", () => {
    const bus = new MemoryBus();
    const publications = Array.from({ length: Limits.MAX_CAMERAS }, (_, index) =>
      bus.publish(camera(`c${index}`), NOBODY),
    );
    const refusals: string[] = [];
    const refused = {
      demand: () => {},
      keyframe: () => {},
      refused: (reason: string) => refusals.push(reason),
    };
    bus.publish(camera("late"), refused);
    expect(refusals).toEqual([`there are ${Limits.MAX_CAMERAS} cameras already`]);
    publications[7]?.close();
    bus.publish(camera("later"), NOBODY);
    expect(bus.camera("c7")).toBeUndefined();
    expect(bus.camera("later")).toBeDefined();
    expect(bus.cameras()).toHaveLength(Limits.MAX_CAMERAS);
  });

  test("makes its directory anew only when something has changed", () => {
    const bus = new MemoryBus();
    const [front, back] = ["front", "back"].map((id) => bus.publish(camera(id), NOBODY));
    const listed = (): string[] => bus.cameras().map(({ id, state }) => `${id} ${state}`);
    expect(listed()).toEqual(["front live", "back live"]);
    front?.update(camera("front"));
    expect(bus.cameras()).toBe(bus.cameras());
    front?.update({ ...camera("front"), state: "closed" });
    expect(listed()).toEqual(["front closed", "back live"]);
    front?.close();
    expect(listed()).toEqual(["front gone", "back live"]);
    bus.forget("front");
    expect(listed()).toEqual(["back live"]);
    bus.expect(camera("late"));
    expect(listed()).toEqual(["back live", "late live"]);
    back?.close();
    expect(listed()).toEqual(["back gone", "late live"]);
  });

  test("says of a camera whose publisher left that it is gone, and why", () => {
    const bus = new MemoryBus();
    bus.publish(camera("front"), NOBODY).close();
    expect(bus.camera("front")).toMatchObject({ state: "gone", reason: "its recorder has ended" });
  });

  test("gives every track a number of its own and none twice in a row", () => {
    const bus = new MemoryBus();
    const seen = new Set<number>();
    for (let run = 0; run < 50; run++) {
      const publication = bus.publish(camera("front"), NOBODY);
      seen.add(bus.numbers("front").get("jpeg") ?? 0);
      publication.close();
    }
    expect(seen.size).toBe(50);
    expect(seen.has(0)).toBe(false);
  });

  test("keeps nothing of names that were only asked for", () => {
    const bus = new MemoryBus();
    const subscription = bus.subscribe("nobody", "jpeg", { frame: () => {}, renumbered: () => {} });
    // Nothing is counted of them either.
    expect(bus.figures("nobody")).toEqual([]);
    expect(bus.cameras()).toEqual([]);
    const publication = bus.publish(camera("nobody"), NOBODY);
    expect(bus.figures("nobody")).toMatchObject([{ track: "jpeg", subscribers: 1 }]);
    publication.close();
    bus.forget("nobody");
    subscription.close();
    expect(bus.figures("nobody")).toEqual([]);
  });

  test("holds little for a name that was only asked for, and nothing when it is not any more", () => {
    const names = Array.from({ length: 10_000 }, (_, n) => `unknown-${n}`);
    const bus = new MemoryBus();
    const watch = (): (() => void) => {
      const receiver = new Receiver(
        bus,
        { isLast: true, ready: true, send: () => {}, tell: () => {} },
        names.length,
      );
      for (const id of names) receiver.receive({ type: "watch", camera: id, track: "jpeg", window: 1 });
      return () => receiver.close();
    };
    // The code is compiled, and the first tables are made.
    watch()();
    const before = heldBytes();
    const leave = watch();
    expect((heldBytes() - before) / names.length).toBeLessThan(2500);
    leave();
    expect((heldBytes() - before) / names.length).toBeLessThan(100);
  });

  test("tells those who follow what is new, not what is told again", () => {
    const bus = new MemoryBus();
    const told: (string | undefined)[] = [];
    bus.follow((_id, info) => told.push(info?.state));
    const publication = bus.publish(camera("front"), NOBODY);
    publication.update(camera("front"));
    publication.update({ ...camera("front"), state: "stalled" });
    publication.update({ ...camera("front"), state: "stalled" });
    publication.close();
    bus.forget("front");
    bus.forget("front");
    expect(told).toEqual(["live", "stalled", undefined]);
  });

  test("gives a newcomer no frame from before nobody took the track", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const bus = new MemoryBus();
      const publication = bus.publish(camera("front"), NOBODY);
      const none = { frame: () => {}, renumbered: () => {} };
      publication.publish("jpeg", offered(1));
      vi.advanceTimersByTime(900);
      const first = bus.subscribe("front", "jpeg", none);
      expect(first.after(undefined)?.sequence).toBe(1);
      vi.advanceTimersByTime(5000);
      // Somebody takes it: the camera has stalled, and the last picture is what there is.
      expect(bus.subscribe("front", "jpeg", none).after(undefined)?.sequence).toBe(1);
      bus.subscribe("front", "jpeg", none).close();
      const other = new MemoryBus();
      other.publish(camera("front"), NOBODY).publish("jpeg", offered(1));
      vi.advanceTimersByTime(1100);
      expect(other.subscribe("front", "jpeg", none).after(undefined)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });

  test("asks one that makes no keyframes on request, for somebody who waits for one, twice a second at most", () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    try {
      const bus = new MemoryBus();
      let asked = 0;
      const publication = bus.publish(camera("front"), { ...NOBODY, keyframe: () => asked++ });
      const sent: number[] = [];
      const join = (): void => {
        const viewer = new Receiver(bus, {
          ready: true,
          isLast: true,
          tell: () => {},
          send: ({ sequence }) => void sent.push(sequence),
        });
        viewer.receive({ type: "watch", camera: "front", track: "jpeg", window: 8 });
      };
      // Nobody watches, nobody is asked: 12 was lost.
      for (const sequence of [10, 11, 13])
        publication.publish("jpeg", offered(sequence, { keyframe: sequence === 10 }));
      expect(asked).toBe(0);
      for (let n = 0; n < 50; n++) join();
      expect([asked, sent.length]).toEqual([0, 100]);
      // 120/s for five seconds.
      for (let n = 0; n < 600; n++) {
        publication.publish("jpeg", offered(14 + n, { keyframe: false }));
        vi.advanceTimersByTime(1000 / 120);
      }
      expect(asked).toBe(10);
      expect(sent).toHaveLength(100);
    } finally {
      vi.useRealTimers();
    }
  });

  test("takes frames only from the one who has the camera", () => {
    const bus = new MemoryBus();
    const first = bus.publish(camera("front"), NOBODY);
    const second = bus.publish(camera("front"), NOBODY);
    second.publish("jpeg", offered(2));
    first.publish("jpeg", offered(1));
    const subscription = bus.subscribe("front", "jpeg", { frame: () => {}, renumbered: () => {} });
    expect(subscription.after(undefined)?.sequence).toBe(1);
  });
});
