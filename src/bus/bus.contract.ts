import { afterEach, describe, expect, test, vi } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { Receiver } from "../hub/index.ts";
import { type CameraControl, type CameraInfo, type Micros, now } from "../protocol/index.ts";
import type { Bus, OfferedFrame, PublisherEvents, SubscriberEvents, Subscription } from "./bus.ts";

/** Programs on one bus: what one publishes the others can take. They may be the same object. */
export interface BusPair {
  readonly publisher: Bus;
  /** Another program that publishes. */
  readonly rival: Bus;
  readonly subscriber: Bus;
  readonly close: () => Promise<void>;
}

const INFO: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  tracks: [
    { name: "jpeg", codec: "jpeg", width: 640, height: 360, rate: 30 },
    { name: "h264", codec: "avc1.42E01F" },
  ],
};

const BRIGHTNESS: CameraControl = {
  name: "brightness",
  kind: "range",
  min: -10,
  max: 10,
  step: 2,
  default: 0,
  value: 4,
};

/** A frame of now, so that none counts as late, whose payload repeats its sequence, so that a mix-up shows. */
export function offered(
  sequence: number,
  options: { keyframe?: boolean; bytes?: number } = {},
): OfferedFrame {
  return {
    sequence,
    capturedAt: now(),
    keyframe: options.keyframe ?? true,
    discardable: false,
    layer: 0,
    payload: new Uint8Array(options.bytes ?? 100).fill(sequence % 251),
  };
}

class Publishing implements PublisherEvents {
  readonly demands: string[][] = [];
  readonly refusals: string[] = [];
  readonly keyframes: string[] = [];
  demand(tracks: ReadonlySet<string>): void {
    this.demands.push([...tracks].sort());
  }
  keyframe(track: string): void {
    this.keyframes.push(track);
  }
  refused(reason: string): void {
    this.refusals.push(reason);
  }
}

/** Takes every frame that it can get, at once. */
class Taking implements SubscriberEvents {
  readonly sequences: number[] = [];
  readonly payloads: Uint8Array[] = [];
  readonly numbers: (number | undefined)[] = [];
  readonly subscription: Subscription;
  #last: number | undefined;
  constructor(bus: Bus, camera: string, track: string) {
    this.subscription = bus.subscribe(camera, track, this);
    this.frame();
  }
  frame(): void {
    for (;;) {
      const frame = this.subscription?.after(this.#last);
      if (frame === undefined) return;
      this.#last = frame.sequence;
      this.sequences.push(frame.sequence);
      this.payloads.push(frame.payload);
    }
  }
  renumbered(): void {
    this.#last = undefined;
    this.numbers.push(this.subscription?.number);
  }
}

/** What every bus must do, whatever carries the bytes. Each adapter's test file calls this once. */
export function busContract(name: string, open: () => Promise<BusPair>): void {
  describe(`${name}: the bus contract`, () => {
    let pair: BusPair | undefined;
    const start = async (): Promise<BusPair> => {
      pair = await open();
      return pair;
    };
    afterEach(async () => {
      await pair?.close();
      pair = undefined;
    });

    test("a published camera is in the directory, with its changes", async () => {
      const { publisher, subscriber } = await start();
      const changes: (string | undefined)[] = [];
      subscriber.follow((id, camera) => {
        if (id === "front") changes.push(camera?.state);
      });
      const publication = publisher.publish(INFO, new Publishing());
      await eventually(() => expect(subscriber.camera("front")).toEqual(INFO));
      publication.update({ ...INFO, state: "gone", reason: "pulled out" });
      await eventually(() => expect(subscriber.camera("front")?.reason).toBe("pulled out"));
      expect(subscriber.cameras()).toHaveLength(1);
      expect(changes).toContain("gone");
    });

    test("a frame arrives as it was published, byte for byte, with its facts", async () => {
      const { publisher, subscriber } = await start();
      const publication = publisher.publish(INFO, new Publishing());
      const taking = new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(taking.subscription.number).toBeGreaterThan(0));
      const sent = offered(7, { bytes: 150_000 });
      await eventually(() => {
        publication.publish("jpeg", sent);
        expect(taking.sequences).toContain(7);
      });
      expect(Buffer.from(taking.payloads[0] ?? []).equals(Buffer.from(sent.payload))).toBe(true);
      const frame = taking.subscription.after(undefined);
      expect(frame).toMatchObject({
        sequence: 7,
        capturedAt: sent.capturedAt,
        keyframe: true,
        discardable: false,
        layer: 0,
      });
      expect(frame?.track).toBe(taking.subscription.number);
    });

    test("a subscriber that comes before the camera is served when it comes", async () => {
      const { publisher, subscriber } = await start();
      const taking = new Taking(subscriber, "front", "jpeg");
      expect(taking.subscription.number).toBeUndefined();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["jpeg"]));
      publication.publish("jpeg", offered(1));
      await eventually(() => expect(taking.sequences).toEqual([1]));
    });

    test("a newcomer gets the newest frame at once", async () => {
      const { publisher, subscriber } = await start();
      const publication = publisher.publish(INFO, new Publishing());
      const first = new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(first.subscription.number).toBeGreaterThan(0));
      publication.publish("jpeg", offered(1));
      publication.publish("jpeg", offered(2));
      await eventually(() => expect(first.sequences.at(-1)).toBe(2));
      expect(new Taking(subscriber, "front", "jpeg").sequences).toEqual([2]);
    });

    test("demand follows subscribers, track by track", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      publisher.publish(INFO, publishing);
      await eventually(() => expect(publishing.demands).toEqual([[]]));
      const jpeg = new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["jpeg"]));
      const h264 = new Taking(subscriber, "front", "h264");
      const again = new Taking(subscriber, "front", "h264");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264", "jpeg"]));
      jpeg.subscription.close();
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      h264.subscription.close();
      h264.subscription.close();
      again.subscription.close();
      await eventually(() => expect(publishing.demands.at(-1)).toEqual([]));
      // Ten viewers of one track are one demand: it was told once per change, not per viewer.
      expect(publishing.demands).toEqual([[], ["jpeg"], ["h264", "jpeg"], ["h264"], []]);
    });

    test("a GOP arrives whole and in order, for those who watch and for newcomers", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const taking = new Taking(subscriber, "front", "h264");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      publication.publish("h264", offered(10));
      for (let sequence = 11; sequence < 40; sequence++) {
        publication.publish("h264", offered(sequence, { keyframe: false }));
      }
      const all = Array.from({ length: 30 }, (_, index) => 10 + index);
      await eventually(() => expect(taking.sequences).toEqual(all));
      expect(new Taking(subscriber, "front", "h264").sequences).toEqual(all);
    });

    test("a wish for a keyframe reaches the publisher; the wishes of many are one", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      publisher.publish(INFO, publishing);
      const viewers = Array.from({ length: 10 }, () => new Taking(subscriber, "front", "h264"));
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      for (const { subscription } of viewers) subscription.wantKeyframe();
      await eventually(() => expect(publishing.keyframes).toEqual(["h264"]));
      // A later change has come through, so an eleventh wish would have.
      viewers[0]?.subscription.close();
      new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264", "jpeg"]));
      expect(publishing.keyframes).toEqual(["h264"]);
    });

    test("behind a delta that was lost a keyframe is wished for: those who watch do not know that they miss it", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const taking = new Taking(subscriber, "front", "h264");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      publication.publish("h264", offered(10));
      publication.publish("h264", offered(11, { keyframe: false }));
      await eventually(() => expect(taking.sequences).toEqual([10, 11]));
      expect(publishing.keyframes).toEqual([]);
      publication.publish("h264", offered(13, { keyframe: false }));
      publication.publish("h264", offered(14, { keyframe: false }));
      expect(publishing.keyframes).toEqual(["h264"]);
      publication.publish("h264", offered(15));
      publication.publish("h264", offered(16, { keyframe: false }));
      await eventually(() => expect(taking.sequences).toEqual([10, 11, 15, 16]));
      expect(publishing.keyframes).toEqual(["h264"]);
    });

    test("who wishes for a keyframe when one was just wished for beside the publisher does not ask it again", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const taking = new Taking(subscriber, "front", "h264");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      // However long it takes from one to the other, it is the same moment.
      using clock = vi.spyOn(performance, "now");
      clock.mockReturnValue(performance.now());
      publication.publish("h264", offered(10));
      publication.publish("h264", offered(12, { keyframe: false }));
      expect(publishing.keyframes).toEqual(["h264"]);
      taking.subscription.wantKeyframe();
      // A later change has come through, so the wish has.
      new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264", "jpeg"]));
      expect(publishing.keyframes).toEqual(["h264"]);
    });

    test("a newcomer to a GOP whose beginning is gone has a picture soon: a keyframe is wished for", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const taking = new Taking(subscriber, "front", "h264");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["h264"]));
      publication.publish("h264", offered(0));
      for (let sequence = 1; sequence < 650; sequence++) {
        publication.publish("h264", offered(sequence, { keyframe: false }));
        if (sequence % 50 === 0) await eventually(() => expect(taking.sequences.at(-1)).toBe(sequence));
      }
      await eventually(() => expect(taking.sequences).toHaveLength(650));
      expect(publishing.keyframes).toEqual([]);
      const sent: number[] = [];
      const viewer = new Receiver(subscriber, {
        ready: true,
        isLast: true,
        tell: () => {},
        send: ({ sequence }) => void sent.push(sequence),
      });
      viewer.receive({ type: "watch", camera: "front", track: "h264", window: 8 });
      await eventually(() => expect(publishing.keyframes).toEqual(["h264"]));
      publication.publish("h264", offered(650));
      publication.publish("h264", offered(651, { keyframe: false }));
      await eventually(() => expect(sent).toEqual([650, 651]));
      viewer.close();
    });

    test("a subscriber that takes nothing costs the others nothing, and later gets the newest", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const idle = subscriber.subscribe("front", "jpeg", { frame: () => {}, renumbered: () => {} });
      const taking = new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["jpeg"]));
      for (let sequence = 1; sequence <= 50; sequence++) {
        publication.publish("jpeg", offered(sequence));
        await eventually(() => expect(taking.sequences.at(-1)).toBe(sequence));
      }
      expect(taking.sequences).toHaveLength(50);
      expect(idle.after(undefined)?.sequence).toBe(50);
    });

    test.each(["publisher", "rival"] as const)(
      "a second publisher (%s) of an id is refused, and takes over",
      async (who) => {
        const { publisher, subscriber, [who]: rival } = await start();
        const first = publisher.publish(INFO, new Publishing());
        await eventually(() => expect(subscriber.camera("front")?.name).toBe("Front"));
        const other = new Publishing();
        const second = rival.publish({ ...INFO, name: "Other" }, other);
        await eventually(() => expect(other.refusals).toHaveLength(1));
        expect(subscriber.camera("front")?.name).toBe("Front");
        second.publish("jpeg", offered(99));
        first.close();
        await eventually(() => expect(subscriber.camera("front")?.name).toBe("Other"));
        expect(other.demands.length).toBeGreaterThan(0);
      },
    );

    test("a camera that is published again has another number, and its sequences start again", async () => {
      const { publisher, subscriber } = await start();
      const taking = new Taking(subscriber, "front", "jpeg");
      const one = new Publishing();
      const first = publisher.publish(INFO, one);
      await eventually(() => expect(one.demands.at(-1)).toEqual(["jpeg"]));
      first.publish("jpeg", offered(500));
      await eventually(() => expect(taking.sequences).toEqual([500]));
      const before = taking.subscription.number;
      first.close();
      const two = new Publishing();
      const second = publisher.publish(INFO, two);
      await eventually(() => expect(two.demands.at(-1)).toEqual(["jpeg"]));
      await eventually(() => {
        second.publish("jpeg", offered(0));
        expect(taking.sequences).toEqual([500, 0]);
      });
      expect(taking.subscription.number).not.toBe(before);
    });

    test("a camera whose publisher left stays in the directory as gone, with the reason", async () => {
      const { publisher, subscriber } = await start();
      const publication = publisher.publish(INFO, new Publishing());
      await eventually(() => expect(subscriber.camera("front")?.state).toBe("live"));
      publication.close();
      publication.close();
      await eventually(() =>
        expect(subscriber.camera("front")).toMatchObject({ state: "gone", reason: "its recorder has ended" }),
      );
    });

    test("a camera that is closed has no frame for a newcomer: the past is not the present", async () => {
      const { publisher, subscriber } = await start();
      const publishing = new Publishing();
      const publication = publisher.publish(INFO, publishing);
      const taking = new Taking(subscriber, "front", "jpeg");
      await eventually(() => expect(publishing.demands.at(-1)).toEqual(["jpeg"]));
      publication.publish("jpeg", offered(1));
      await eventually(() => expect(taking.sequences).toEqual([1]));
      publication.update({ ...INFO, state: "closed" });
      await eventually(() => expect(subscriber.camera("front")?.state).toBe("closed"));
      expect(new Taking(subscriber, "front", "jpeg").sequences).toEqual([]);
    });

    test("the controls of a camera are set and told across the bus", async () => {
      const { publisher, subscriber } = await start();
      const asked: Record<string, number>[] = [];
      const publishing = Object.assign(new Publishing(), {
        adjust: async (set: ReadonlyMap<string, number>) => {
          asked.push(Object.fromEntries(set));
          if (set.has("nonsense")) throw new Error('there is no control "nonsense"');
          return [BRIGHTNESS];
        },
      });
      const publication = publisher.publish(INFO, publishing);
      await eventually(() => expect(subscriber.camera("front")?.state).toBe("live"));
      expect(await subscriber.adjust("front", new Map())).toEqual([BRIGHTNESS]);
      expect(await subscriber.adjust("front", new Map([["brightness", 12]]))).toEqual([BRIGHTNESS]);
      expect(asked).toEqual([{}, { brightness: 12 }]);
      await expect(subscriber.adjust("front", new Map([["nonsense", 1]]))).rejects.toThrow(
        'there is no control "nonsense"',
      );
      publication.close();
      await eventually(() => expect(subscriber.camera("front")?.state).toBe("gone"));
      await expect(subscriber.adjust("front", new Map())).rejects.toThrow("no recorder");
      await expect(subscriber.adjust("nobody", new Map())).rejects.toThrow("no recorder");
    });

    test("a camera without controls says so", async () => {
      const { publisher, subscriber } = await start();
      publisher.publish(INFO, new Publishing());
      await eventually(() => expect(subscriber.camera("front")?.state).toBe("live"));
      await expect(subscriber.adjust("front", new Map())).rejects.toThrow("the camera has no controls");
    });

    test("figures say how a track does", async () => {
      const { publisher, subscriber } = await start();
      const publication = publisher.publish(INFO, new Publishing());
      const taking = new Taking(subscriber, "front", "jpeg");
      await eventually(() => {
        publication.publish("jpeg", offered(3));
        expect(taking.sequences).toContain(3);
      });
      const figures = subscriber.figures("front").find(({ track }) => track === "jpeg");
      expect(figures).toMatchObject({ subscribers: 1 });
      expect(figures?.newest?.sequence).toBe(3);
      expect(subscriber.figures("nobody")).toEqual([]);
    });
  });
}
