import { expect, test } from "vitest";
import { now } from "../protocol/index.ts";
import { Camera } from "./camera.ts";
import type { OpenLink } from "./link.ts";
import { type Measurement, measure } from "./measure.ts";
import type { Process } from "./process.ts";
import type { Shown, Viewer } from "./viewer.ts";

const HOST = "127.0.0.1";

/** A picture that was shown at that time, in µs, 5 ms after its capture. */
function picture(shownAt: number, sequence: number): Shown {
  return { capturedAt: shownAt - 5_000, shownAt, sequence, track: "jpeg" };
}

/** Measure a viewer that shows one picture at once. `begun`: as soon as the measurement has begun. `asked`: when it shall catch up. */
async function measured(
  first: Shown,
  begun: (shown: (picture: Shown) => void) => void,
  asked?: (shown: (picture: Shown) => void) => void,
  failure?: string,
): Promise<Measurement> {
  await using camera = await Camera.open(HOST, [], 1);
  let tell: (picture: Shown) => void = () => {};
  const program = { listening: async () => {}, check: async () => {}, [Symbol.asyncDispose]: async () => {} };
  const link: OpenLink = {
    prefix: [],
    listenHost: HOST,
    cameraHost: HOST,
    viewerHost: HOST,
    failure,
    downBytes: () => 0,
    reach: async (port) => ({ host: HOST, port }),
    start: () => begun(tell),
    [Symbol.asyncDispose]: async () => {},
  };
  const watch = async (_: unknown, shown: (picture: Shown) => void): Promise<Viewer> => {
    tell = shown;
    shown(first);
    return {
      failure: undefined,
      ...(asked !== undefined && { catchUp: async () => asked(shown) }),
      [Symbol.asyncDispose]: async () => {},
    };
  };
  return await measure({
    subject: { name: "program", start: () => program as unknown as Process, watch },
    watch,
    link,
    camera,
    device: () => {
      throw new Error("there is none");
    },
    seconds: 0.05,
    warmUpMs: 0,
    signal: new AbortController().signal,
  });
}

test("what a viewer has not told yet when the time is over belongs to it, what it saw after it does not", async () => {
  let begunAt = 0;
  const { showing } = await measured(
    picture(now(), 1),
    () => {
      begunAt = now();
    },
    (shown) => {
      shown(picture(begunAt, 2));
      shown(picture(now(), 3));
    },
  );
  expect(showing.samples.map(({ sequence, ageMs }) => [sequence, ageMs])).toEqual([[2, 5]]);
  expect(showing.before?.sequence).toBe(1);
});

test("pictures that do not tell their capture are counted", async () => {
  const unstamped = { ...picture(now(), 1), capturedAt: undefined };
  const { showing, summary } = await measured(unstamped, (shown) => {
    for (let i = 0; i < 20; i++) shown({ ...unstamped, shownAt: now() });
  });
  expect(showing).toMatchObject({ samples: [], before: undefined, unstamped: 20 });
  expect(summary).toMatchObject({ frames: 20, ages: undefined });
});

test("a link that was not what it should be has measured nothing", async () => {
  const change = "it could not be set to 500000 bit/s: no such device";
  const failing = measured(
    picture(now(), 1),
    () => {},
    () => {},
    change,
  );
  await expect(failing).rejects.toThrow(change);
});
