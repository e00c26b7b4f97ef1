import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { type RunningMapper, run } from "../../src/mapper/mapper.ts";
import { type CameraInfo, Limits } from "../../src/protocol/index.ts";
import { Program } from "../support/program.ts";
import { FRONT, picture } from "../support/test-server.ts";
import { TestViewer } from "../support/test-viewer.ts";

const PATIENCE = { timeout: 20_000, interval: 10 };
const SMALL = { name: "jpeg-270p", codec: "jpeg" };
const CAMERA: CameraInfo = { ...FRONT, tracks: [...FRONT.tracks, SMALL] };
const BRIGHTNESS = {
  name: "brightness",
  kind: "range",
  min: 0,
  max: 9,
  step: 1,
  default: 5,
  value: 5,
} as const;
const JSON_BODY = { "content-type": "application/json" };
const PICTURE = { keyframe: true, discardable: false, layer: 0 };
/** Requests of which each worker has some: connections go to them turn and turn about. */
const BOTH = [0, 1, 2, 3];

let folder: string;
let bus: MemoryBus;
let mapper: RunningMapper;
let controller: AbortController;
let publication: Publication;
let warnings: string[];
let demands: string[][];
let adjusted: Record<string, number>[];
let program: Program;
let address: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-workers-"));
  bus = new MemoryBus();
  warnings = [];
  demands = [];
  controller = new AbortController();
  const path = join(folder, "mapper.sock");
  mapper = await run({
    address: { kind: "path", path },
    bus,
    log: { warn: (message) => warnings.push(message) },
    signal: controller.signal,
  });
  adjusted = [];
  publication = bus.publish(CAMERA, {
    demand: (tracks) => demands.push([...tracks].sort()),
    keyframe: () => {},
    refused: () => {},
    adjust: async (set) => {
      if (set.has("zoom")) throw new Error("there is no control zoom");
      adjusted.push(Object.fromEntries(set));
      return [{ ...BRIGHTNESS, value: set.get("brightness") ?? BRIGHTNESS.value }];
    },
  });
  publication.update(CAMERA);
  program = await Program.start(["server", "--workers", "2", "--port", "0", "--mapper", `unix:${path}`]);
  address = program.firstLine;
});

afterEach(async () => {
  await program.kill("SIGKILL");
  controller.abort();
  await mapper.stopped;
  rmSync(folder, { recursive: true });
});

test("two workers adjust the camera, whichever is asked", async () => {
  const ask = async (body?: string): Promise<unknown> => {
    const headers = { connection: "close", ...(body === undefined ? {} : JSON_BODY) };
    const wish = body === undefined ? { headers } : { headers, method: "PUT", body };
    const answer = await fetch(`${address}/cameras/front/controls`, wish);
    return [answer.status, await answer.json()];
  };
  for (const value of BOTH) {
    expect(await ask(`{"brightness": ${value}}`)).toEqual([200, [{ ...BRIGHTNESS, value }]]);
    expect(await ask()).toEqual([200, [BRIGHTNESS]]);
    expect(await ask('{"zoom": 1}')).toEqual([409, { error: "there is no control zoom" }]);
  }
  expect(adjusted).toEqual(BOTH.flatMap((brightness) => [{ brightness }, {}]));
  publication.close();
  for (const _ of BOTH) {
    expect(await ask()).toEqual([409, { error: "the camera has no recorder at present" }]);
  }
});

test("two workers draw a camera that has failed, of any size, and forget one that is taken away, whichever is asked", async () => {
  publication.update({ ...CAMERA, state: "stalled", reason: "no frame for 2 s" });
  const front = async (path: string): Promise<Response> =>
    fetch(`${address}/cameras/front${path}`, { headers: { connection: "close" } });
  const begins = async (response: Response): Promise<string> => {
    let text = "";
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString("latin1");
      if (text.includes("\r\n\r\n")) break;
    }
    return text;
  };
  await vi.waitFor(async () => {
    for (const _ of BOTH) expect(await (await front("")).json()).toMatchObject({ state: "stalled" });
  }, PATIENCE);
  for (const query of ["", "?track=jpeg-270p"]) {
    for (const _ of BOTH) {
      expect((await front(`/snapshot.jpg${query}`)).headers.get("x-state")).toBe("stalled");
      expect(await begins(await front(`/stream.mjpg${query}`))).toMatch(/image\/jpeg[^]*X-State: stalled/);
    }
  }
  for (const _ of BOTH) {
    expect((await front("/stream.mjpg?strict&track=jpeg-270p")).status).toBe(503);
    expect((await front("/stream.mjpg?strict&track=jpeg-9p")).status).toBe(404);
  }
  publication.close();
  bus.forget("front");
  await vi.waitFor(async () => {
    for (const _ of BOTH) expect((await front("")).status).toBe(404);
  }, PATIENCE);
});

test("viewers who come and go cost the others nothing: neither their cameras nor a message", async () => {
  // A worker answers.
  expect((await fetch(`${address}/healthz`)).status).toBeLessThan(500);
  const join = async (): Promise<TestViewer> => TestViewer.open(`${address.replace("http", "ws")}/ws`);
  const said = (viewer: TestViewer, what: string): Promise<void> =>
    vi.waitFor(() => expect(viewer.texts.at(-1)).toContain(what), PATIENCE);
  const others = await Promise.all(BOTH.map(join));
  for (const other of others) {
    other.tell({ type: "watch", camera: "front", track: "jpeg", window: 8 });
    await vi.waitFor(() => expect(other.messages.at(-1)?.type).toBe("watching"), PATIENCE);
  }
  await vi.waitFor(() => expect(demands.at(-1)).toEqual(["jpeg"]), PATIENCE);
  const heard = others.map(({ texts }) => texts.length);
  const restless = await Promise.all([...BOTH, ...BOTH].map(join));
  // Each says as much as a viewer may: together more than one of them may say to the mapper.
  for (const viewer of restless) {
    for (let n = 2; n < Limits.MESSAGE_BURST; n += 2) {
      viewer.tell({ type: "watch", camera: "front", track: SMALL.name, window: 0 });
      viewer.tell({ type: "unwatch", camera: "front", track: SMALL.name });
    }
    viewer.tell({ type: "time", sent: 7 });
  }
  for (const viewer of restless) await said(viewer, '"sent":7');
  // The last word is told, and behind it frames come as ever.
  await vi.waitFor(() => expect(demands.at(-1)).toEqual(["jpeg"]), PATIENCE);
  // Not more often than viewers came; a worker that is held up hears of some of them later.
  expect(demands.filter((tracks) => tracks.includes(SMALL.name)).length).toBeLessThanOrEqual(restless.length);
  const capturedAt = FRONT.since;
  publication.publish("jpeg", { ...PICTURE, sequence: 1, capturedAt, payload: picture(1) });
  for (const other of others) await vi.waitFor(() => expect(other.sequences).toEqual([1]), PATIENCE);
  expect(others.map(({ texts }) => texts.length)).toEqual(heard);
  expect(warnings).toEqual([]);
  for (const viewer of [...others, ...restless]) {
    expect(viewer.closed).toBeUndefined();
    viewer.close();
  }
});
