import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeviceWatchdog } from "./device-watchdog.ts";
import { FrozenPicture } from "./frozen-picture.ts";

const PATIENCE_MS = 30_000;
const STILL = Uint8Array.of(1, 2, 3);

/** How long `frozen` looks at what `picture` gives before it has seen enough, in ms; `undefined` if it never has. */
function patience(
  frozen: FrozenPicture,
  picture: (ms: number) => Uint8Array,
  startMs = 0,
): number | undefined {
  frozen.begin(startMs);
  for (let ms = startMs; ms < startMs + 10 * PATIENCE_MS; ms += 250) {
    try {
      frozen.look(picture(ms), ms);
    } catch {
      return ms - startMs;
    }
  }
  return undefined;
}

describe("a frozen picture", () => {
  test("is seen when it has been the same for long enough", () => {
    const ms = patience(new FrozenPicture(PATIENCE_MS), () => STILL);
    expect(ms).toBeGreaterThanOrEqual(PATIENCE_MS);
    expect(ms).toBeLessThan(PATIENCE_MS + 1000);
  });

  test("says for how long", () => {
    const frozen = new FrozenPicture(1000);
    for (const ms of [0, 100, 200]) frozen.look(STILL, ms);
    expect(() => frozen.look(STILL, 3100)).toThrow("the picture has not changed by one bit for 3 s");
  });

  test("is looked for ever more rarely while opening again does not help", () => {
    const frozen = new FrozenPicture(PATIENCE_MS);
    const first = patience(frozen, () => STILL) ?? 0;
    const second = patience(frozen, () => STILL, 100_000) ?? 0;
    expect(second).toBeGreaterThanOrEqual(2 * PATIENCE_MS);
    patience(frozen, (ms) => Uint8Array.of(ms / 250), 300_000);
    expect(patience(frozen, () => STILL, 900_000)).toBeLessThan(first + 1000);
  });

  test("one bit anywhere is a change", () => {
    const size = 5000;
    fc.assert(
      fc.property(fc.nat(size - 1), fc.nat(7), (at, bit) => {
        const frozen = new FrozenPicture(1000);
        const other = new Uint8Array(size);
        other[at] = 1 << bit;
        const one = new Uint8Array(size);
        return patience(frozen, (ms) => (ms % 500 === 0 ? one : other)) === undefined;
      }),
    );
  });
});

describe("the watchdog of a device", () => {
  const STALLED = /no frame for/;
  const packet = (stampMicros: number | undefined, bytes = STILL) => ({ stampMicros, bytes: () => bytes });
  const dog = (rate = 30, frozen?: FrozenPicture): DeviceWatchdog =>
    new DeviceWatchdog({ rate, frozen, nowMs: 0 });

  test("waits longer for the first frame than for the next", () => {
    const watchdog = dog();
    watchdog.nothing(5000);
    expect(() => watchdog.nothing(5001)).toThrow("no frame for 5 s");
    watchdog.packet(packet(1), 5002);
    watchdog.nothing(7002);
    expect(() => watchdog.nothing(7003)).toThrow("no frame for 2 s");
  });

  test("has patience with a camera that promises one frame in five seconds", () => {
    const watchdog = dog(0.2);
    watchdog.packet(packet(1), 0);
    watchdog.nothing(12_500);
    expect(() => watchdog.nothing(12_501)).toThrow(STALLED);
  });

  test("sees time stand still", () => {
    const watchdog = dog();
    for (const [ms, stamp] of [
      [0, 1],
      [33, 2],
      [66, 3],
      [99, 3],
      [2066, 3],
    ] as const)
      watchdog.packet(packet(stamp), ms);
    expect(() => watchdog.packet(packet(3), 2067)).toThrow("the same time stamp for 2 s");
  });

  test("does not blame a driver that knows no time", () => {
    const constant = dog();
    const absent = dog();
    for (let ms = 0; ms < 60_000; ms += 33) {
      constant.packet(packet(0), ms);
      absent.packet(packet(undefined), ms);
    }
  });

  test("looks at the picture only if it is told to, and not at every one", () => {
    let looks = 0;
    const frozen = new FrozenPicture(10_000);
    const watchdog = dog(30, frozen);
    const counted = (ms: number) => ({
      stampMicros: ms,
      bytes: () => {
        looks++;
        return STILL;
      },
    });
    for (let ms = 0; ms < 9900; ms += 33) watchdog.packet(counted(ms), ms);
    expect(looks).toBeLessThanOrEqual(40);
    expect(() => {
      for (let ms = 9900; ms < 12_000; ms += 33) watchdog.packet(counted(ms), ms);
    }).toThrow("not changed by one bit");
    const unaware = dog();
    for (let ms = 0; ms < 99_000; ms += 33) unaware.packet(packet(ms), ms);
  });
});
