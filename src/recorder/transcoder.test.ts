import { afterEach, expect, test, vi } from "vitest";
import { type Micros, micros } from "../protocol/index.ts";
import { EncodedTrack } from "./encoded-track.ts";
import type { Encoding } from "./encoding.ts";
import * as Ffmpeg from "./engine/node-av/index.ts";
import type { SourceFrame } from "./frame-source.ts";
import { Outlet } from "./outlet.ts";
import { RateLimit } from "./rate-limit.ts";
import { Transcoder } from "./transcoder.ts";

const INTERVAL_MICROS = 33_333;
/** Frames behind the keyframe. */
const DELTAS = 150;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Gives for each picture a frame of its time. */
function encoding(name: string, codec: string): Encoding {
  const frame = (capturedAt: Micros): SourceFrame => ({
    track: name,
    capturedAt,
    keyframe: true,
    discardable: false,
    payload: new Uint8Array(1),
  });
  return {
    info: { name, codec },
    broken: 0,
    encode: async (_picture, capturedAt) => [frame(capturedAt)],
    keyframe: () => {},
    rest: async () => {},
  };
}

/** The numbers of the pictures that come of each track, from a decoder that begins in the middle of a GOP. */
async function begin(decodeMs: number): Promise<Record<"jpeg" | "h264", number[]>> {
  let clockMs = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => clockMs);
  const decoder = {
    decode: async (packet: Ffmpeg.Packet | undefined) => {
      clockMs += decodeMs;
      return packet === undefined ? [] : [Ffmpeg.Picture.blank(16, 16)];
    },
    [Symbol.asyncDispose]: async () => {},
  };
  const outlet = new Outlet();
  await using transcoder = new Transcoder({
    open: async () => decoder as unknown as Ffmpeg.VideoDecoder,
    tracks: [encoding("jpeg", "jpeg"), encoding("h264", "avc1.42C01F")].map((one) => new EncodedTrack(one)),
    outlet,
    spare: true,
    limit: new RateLimit(undefined),
    label: "a test",
  });
  for (let count = 0; count <= DELTAS; count++) {
    transcoder.put(Ffmpeg.Packet.of(Uint8Array.of(1)), micros(count * INTERVAL_MICROS), count === 0);
  }
  transcoder.want(new Set(["jpeg", "h264"]));
  transcoder.start();
  const found = { jpeg: [] as number[], h264: [] as number[] };
  for await (const { track, capturedAt } of outlet.frames(new AbortController().signal)) {
    found[track as "jpeg" | "h264"].push(Math.round(capturedAt / INTERVAL_MICROS));
    if (found.jpeg.at(-1) === DELTAS && found.h264.at(-1) === DELTAS) break;
  }
  return found;
}

test("a decoder that catches up soon shows what is newest", async () => {
  const { jpeg, h264 } = await begin(0.4);
  expect(Math.min(...jpeg, ...h264)).toBeGreaterThanOrEqual(DELTAS - 3);
});

test("one that needs longer shows a picture of where it is, and no video of the past", async () => {
  const { jpeg, h264 } = await begin(5);
  expect(jpeg[0]).toBe(15);
  expect(jpeg[1]).toBeGreaterThanOrEqual(DELTAS - 3);
  expect(h264[0]).toBeGreaterThanOrEqual(DELTAS - 3);
});
