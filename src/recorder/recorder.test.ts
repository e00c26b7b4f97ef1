import { describe, expect, test, vi } from "vitest";
import { TRACKS } from "../../test/support/fake-camera.ts";
import {
  bus,
  done,
  lines,
  pass,
  recorder,
  settle,
  source,
  start,
  stopping,
  useRecorder,
} from "../../test/support/recorder-run.ts";
import { GRACE_MS } from "./recorder.ts";

useRecorder();

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

  test("says until when its exposure settles, each time it is opened", async () => {
    await start({ warmupMs: 1500 });
    await source.shoot(1_000_000);
    expect(bus.cameras.at(-1)).toMatchObject({ state: "live", settledAt: 2_500_000 });
    await pass(1000);
    source.tracks = [...TRACKS];
    await source.shoot(9_000_000);
    expect(bus.cameras.at(-1)).toMatchObject({ state: "live", settledAt: 2_500_000 });
    await pass(GRACE_MS);
    expect(bus.cameras.at(-1)).not.toHaveProperty("settledAt");
    await bus.demand("jpeg");
    await source.shoot(20_000_000);
    expect(bus.cameras.at(-1)).toMatchObject({ state: "live", settledAt: 21_500_000 });
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
