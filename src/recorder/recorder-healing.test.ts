import { describe, expect, test, vi } from "vitest";
import { TRACKS } from "../../test/support/fake-camera.ts";
import {
  bus,
  done,
  lines,
  pass,
  settle,
  source,
  start,
  stopping,
  useRecorder,
} from "../../test/support/recorder-run.ts";
import { GRACE_MS } from "./recorder.ts";
import { StalledError } from "./stalled-error.ts";

useRecorder();

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

  test("has not, where a track cannot be made: who takes it is told", async () => {
    source.silenceMs = 5000;
    source.tracks = [...TRACKS, { name: "h264", codec: "avc1.42E01E" }];
    await start({ keepOpen: true });
    await source.shoot();
    await bus.demand("h264");
    source.tracks = TRACKS;
    source.trouble = "cannot encode the pictures as h264";
    await pass(60_000);
    expect(bus.states).toEqual(["opening", "live", "live"]);
    expect(bus.cameras.at(-1)?.tracks).toEqual(TRACKS);
    expect(lines).toEqual(["warn front: cannot encode the pictures as h264; its other tracks go on"]);
    await bus.demand("jpeg");
    await pass(5000);
    expect(bus.states.at(-1)).toBe("stalled: no usable frame for 5 s");
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

  test("and never was there is gone for the reason that opening it gave", async () => {
    source.plugged = false;
    source.problem = 'no camera "usb:A" is plugged in; there are usb:B';
    await start();
    await pass(60_000);
    expect(bus.states).toEqual(["opening", `gone: ${source.problem}`]);
    expect(lines).toHaveLength(1);
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

test("what was adjusted is adjusted again when the camera is opened", async () => {
  const written: string[] = [];
  const brightness = {
    name: "brightness",
    kind: "range",
    min: 0,
    max: 9,
    step: 1,
    default: 5,
    value: 5,
  } as const;
  source.controls = {
    read: async () => [brightness],
    write: async (values) => void written.push(JSON.stringify([...values])),
  };
  await start({ keepOpen: true });
  await source.shoot();
  expect(written).toEqual([]);
  expect(await bus.adjust({ brightness: 7 })).toEqual([brightness]);
  await expect(bus.adjust({ brightness: 10 })).rejects.toThrow("expected a whole number from 0 to 9");
  await source.break("lost");
  await pass(1000);
  expect(source.opened).toBe(2);
  expect(written).toEqual(['[["brightness",7]]', '[["brightness",7]]']);
});
