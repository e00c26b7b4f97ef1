import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { MemoryBus, type Publication } from "../../src/bus/index.ts";
import { type RunningMapper, run } from "../../src/mapper/mapper.ts";
import type { CameraInfo } from "../../src/protocol/index.ts";
import { Program } from "../support/program.ts";
import { FRONT } from "../support/test-server.ts";

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
/** Requests of which each worker has some: connections go to them turn and turn about. */
const BOTH = [0, 1, 2, 3];

let folder: string;
let bus: MemoryBus;
let mapper: RunningMapper;
let controller: AbortController;
let publication: Publication;
let adjusted: Record<string, number>[];
let program: Program;
let address: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "hello-workers-"));
  bus = new MemoryBus();
  controller = new AbortController();
  const path = join(folder, "mapper.sock");
  mapper = await run({
    address: { kind: "path", path },
    bus,
    log: { warn: () => {} },
    signal: controller.signal,
  });
  adjusted = [];
  publication = bus.publish(CAMERA, {
    demand: () => {},
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
