import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Frame, Micros } from "../protocol/index.ts";
import { CodecsPipeline } from "./codecs-pipeline.ts";
import { Painter } from "./painter.ts";
import type { Surface } from "./surface.ts";

interface Chunk {
  readonly type: "key" | "delta";
  readonly timestamp: number;
}

/** A decoder that gives pictures back when the test says so. */
class FakeDecoder {
  static all: FakeDecoder[] = [];
  static open = 0;
  state = "unconfigured";
  decodeQueueSize = 0;
  readonly codecs: string[] = [];
  readonly chunks: Chunk[] = [];
  readonly #init: VideoDecoderInit;

  constructor(init: VideoDecoderInit) {
    this.#init = init;
    FakeDecoder.all.push(this);
  }

  configure({ codec }: VideoDecoderConfig): void {
    this.state = "configured";
    this.codecs.push(codec);
  }

  decode(chunk: Chunk): void {
    this.chunks.push(chunk);
  }

  close(): void {
    this.state = "closed";
  }

  output(count = 1): void {
    for (const { timestamp } of this.chunks.splice(0, count)) {
      FakeDecoder.open++;
      const close = (): void => void FakeDecoder.open--;
      this.#init.output({ timestamp, displayWidth: 64, displayHeight: 48, close } as VideoFrame);
    }
  }

  fail(): void {
    this.state = "closed";
    this.#init.error(new DOMException("broken", "EncodingError"));
  }
}

const told: string[] = [];
const painted: number[] = [];
const worked: number[] = [];
let catchingUp = false;
let players = 1;
let pipeline: CodecsPipeline;
const surface = { paint: ({ timestamp }: VideoFrame) => painted.push(timestamp) };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("VideoDecoder", FakeDecoder);
  vi.stubGlobal(
    "EncodedVideoChunk",
    class {
      constructor(init: Chunk) {
        Object.assign(this, init);
      }
    },
  );
  FakeDecoder.all = [];
  told.length = 0;
  painted.length = 0;
  worked.length = 0;
  catchingUp = false;
  players = 1;
  pipeline = new CodecsPipeline(
    {
      stream: 1,
      surfaces: new Set([surface as unknown as Surface]),
      painter: new Painter(() => players),
      catchingUp: () => catchingUp,
      events: {
        painted: ({ sequence }) => told.push(`painted ${sequence}`),
        worked: (workMs) => worked.push(workMs),
        done: ({ sequence }) => told.push(`done ${sequence}`),
        overwritten: () => told.push("overwritten"),
        failed: () => told.push("failed"),
        starved: () => told.push("starved"),
        choked: () => told.push("choked"),
      },
    },
    () => "vp09.00.10.08",
  );
});

afterEach(() => {
  pipeline.close();
  expect(FakeDecoder.open).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function put(sequence: number, keyframe = false): void {
  const payload = new Uint8Array([sequence]);
  const capturedAt = 0 as Micros;
  const frame: Frame.Frame = {
    track: 1,
    sequence,
    capturedAt,
    keyframe,
    discardable: false,
    layer: 0,
    payload,
  };
  pipeline.put(frame);
}

function decoder(): FakeDecoder {
  return FakeDecoder.all.at(-1)!;
}

test("every frame is decoded, painted and done with", () => {
  put(10, true);
  put(11);
  expect(decoder().codecs).toEqual(["vp09.00.10.08"]);
  expect(decoder().chunks.map(({ type }) => type)).toEqual(["key", "delta"]);
  decoder().output(2);
  expect(told).toEqual(["painted 10", "done 10", "painted 11", "done 11"]);
});

test("the work on a frame begins when it came, or when the one before was out, and ends before the beat", () => {
  put(0, true);
  vi.advanceTimersByTime(12);
  put(1);
  vi.advanceTimersByTime(8);
  decoder().output();
  vi.advanceTimersByTime(15);
  decoder().output();
  expect(worked).toEqual([20, 15]);
  players = 20;
  worked.length = 0;
  for (let sequence = 2; sequence < 12; sequence++) {
    put(sequence);
    vi.advanceTimersByTime(4);
    decoder().output();
    vi.advanceTimersByTime(29);
  }
  expect(worked).toEqual(Array.from({ length: 10 }, () => 4));
  // One that is slower than the camera is not hidden by the beat.
  worked.length = 0;
  put(12);
  put(13);
  vi.advanceTimersByTime(60);
  decoder().output();
  vi.advanceTimersByTime(60);
  decoder().output();
  expect(worked).toEqual([60, 60]);
  vi.advanceTimersByTime(50);
});

test("painting that holds up the thread is work", () => {
  const paint = vi.spyOn(surface, "paint").mockImplementationOnce(() => {
    vi.advanceTimersByTime(40);
    return 0;
  });
  put(0, true);
  vi.advanceTimersByTime(5);
  decoder().output();
  expect(worked).toEqual([45]);
  paint.mockRestore();
});

test("of a burst the keyframe is painted at once, and then the last; all are done with", () => {
  catchingUp = true;
  put(0, true);
  for (let sequence = 1; sequence < 20; sequence++) put(sequence);
  decoder().output(19);
  expect(painted).toEqual([0]);
  catchingUp = false;
  decoder().output(1);
  expect(painted).toEqual([0, 19]);
  expect(told.filter((word) => word.startsWith("done"))).toHaveLength(20);
});

test("a decoder that falls behind paints what is newest, and something now and then", () => {
  put(0, true);
  for (let sequence = 1; sequence < 9; sequence++) put(sequence);
  decoder().output(3);
  expect(painted).toEqual([0]);
  vi.advanceTimersByTime(600);
  decoder().output(1);
  expect(painted).toEqual([0, 3]);
  decoder().output(5);
  expect(painted).toEqual([0, 3, 6, 7, 8]);
});

test("without a keyframe nothing is decoded: one is asked for, and not with every frame", () => {
  put(5);
  put(6);
  expect(told).toEqual(["starved", "done 5", "done 6"]);
  vi.advanceTimersByTime(1_100);
  put(7);
  expect(told.filter((word) => word === "starved")).toHaveLength(2);
  put(8, true);
  decoder().output();
  expect(told.at(-1)).toBe("done 8");
});

test("after an error it asks for a keyframe and goes on with it", () => {
  put(0, true);
  put(1);
  decoder().fail();
  expect(told).toEqual(["failed", "done 1", "starved"]);
  put(2);
  put(3, true);
  decoder().output();
  expect(FakeDecoder.all).toHaveLength(2);
  expect(told.slice(3)).toEqual(["done 2", "painted 3", "done 3"]);
});

test("a decoder that holds what it was given wants more; one that gives nothing back for long is broken", () => {
  put(0, true);
  vi.advanceTimersByTime(250);
  expect(told).toContain("choked");
  vi.advanceTimersByTime(3_000);
  expect(told.slice(-3)).toEqual(["failed", "done 0", "starved"]);
  expect(decoder().state).toBe("closed");
});

test("after a reset nothing of before is painted, and its pictures are closed", () => {
  put(0, true);
  const before = decoder();
  pipeline.reset();
  before.output();
  before.fail();
  expect(told).toEqual([]);
});

test("a surface that throws is no fault of the decoder", () => {
  const paint = vi.spyOn(surface, "paint").mockImplementationOnce(() => {
    throw new Error("lost context");
  });
  put(0, true);
  decoder().output();
  expect(told).toEqual(["failed", "done 0"]);
  expect(FakeDecoder.all).toHaveLength(1);
  paint.mockRestore();
});
