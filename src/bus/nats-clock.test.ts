import { describe, expect, test } from "vitest";
import { eventually } from "../../test/support/eventually.ts";
import { ageMicros, type CameraInfo, type Micros, micros, now } from "../protocol/index.ts";
import { NatsClock } from "./nats-clock.ts";
import type { NatsLink } from "./nats-link.ts";
import { encode } from "./nats-messages.ts";

const INFO: CameraInfo = {
  id: "front",
  name: "Front",
  source: "test:",
  state: "live",
  since: 1 as Micros,
  tracks: [],
};

/** A recorder on a machine whose clock is ahead by so much. */
function linkTo(aheadMicros: () => number): NatsLink {
  const request = async (): Promise<Uint8Array> =>
    encode({ type: "time", sent: 0, at: micros(now() + aheadMicros()) });
  return { connected: true, request } as unknown as NatsLink;
}

describe("the clock of a camera's machine", () => {
  test("is compared with this one's, so that an age is true here whatever it shows there", async () => {
    const aheadMicros = 3_600_000_000;
    let told = 0;
    const clock = new NatsClock(
      "front",
      linkTo(() => aheadMicros),
      () => told++,
    );
    expect(clock.mark(INFO)).toBe(INFO);
    clock.ask();
    await eventually(() => expect(told).toBeGreaterThan(0));
    const camera = clock.mark(INFO);
    const error = camera.clock?.error ?? Number.POSITIVE_INFINITY;
    expect(Math.abs((camera.clock?.offset ?? 0) + aheadMicros)).toBeLessThanOrEqual(error + 1);
    // A frame that was captured 20 ms ago by the clock over there.
    const capturedAt = micros(now() + aheadMicros - 20_000);
    expect(Math.abs(ageMicros(capturedAt, camera) - 20_000)).toBeLessThan(error + 5000);
  });

  test("adds up over several machines, with its error", async () => {
    const clock = new NatsClock(
      "front",
      linkTo(() => 1_000_000),
      () => {},
    );
    clock.ask();
    const before = { ...INFO, clock: { offset: -2_000_000, error: 500 } };
    await eventually(() => expect(clock.mark(before).clock?.offset).toBeLessThan(-2_900_000));
    expect(clock.mark(before).clock?.error).toBeGreaterThan(500);
  });

  test("is told again only when it has changed by more than the noise of the way", async () => {
    let told = 0;
    let ahead = 0;
    const clock = new NatsClock(
      "front",
      linkTo(() => ahead),
      () => told++,
    );
    for (let question = 0; question < 20; question++) {
      clock.ask();
      await Promise.resolve();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(told).toBeLessThanOrEqual(2);
    ahead = 60_000_000;
    clock.clear();
    const before = told;
    await eventually(() => {
      clock.ask();
      expect(told).toBeGreaterThan(before);
    });
    expect(clock.mark(INFO).clock?.offset).toBeLessThan(-59_000_000);
  });
});
