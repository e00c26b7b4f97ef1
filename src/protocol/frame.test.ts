import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as Ack from "./ack.ts";
import * as Frame from "./frame.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";
import type { Micros } from "./time.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

const FRAME: Frame.Frame = {
  track: 7,
  sequence: 258,
  capturedAt: 1_700_000_000_123_456 as Micros,
  keyframe: true,
  discardable: false,
  layer: 0,
  payload: hex("ffd8ffd9"),
};

// Typed from the tables of docs/protocol.md, not from what the encoder gives.
const FRAME_BYTES = hex("01 01 0007 00000102 00060a2418202240 ffd8ffd9");

describe("a frame", () => {
  test("is the bytes that the specification shows", () => {
    expect(Frame.encode(FRAME)).toEqual(FRAME_BYTES);
    expect(Frame.decode(FRAME_BYTES)).toEqual({ ...FRAME, roomBytes: 16 });
  });

  test("carries discardable and layer in its flags", () => {
    const delta = { ...FRAME, keyframe: false, discardable: true, layer: 2 };
    expect(Frame.encode(delta)[1]).toBe(0x22);
    expect(Frame.decode(Frame.encode(delta))).toEqual({ ...delta, roomBytes: 16 });
  });

  test("survives encode and decode whatever its facts", () => {
    const frames = fc.record({
      track: fc.integer({ min: 1, max: 0xffff }),
      sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
      capturedAt: fc.maxSafeNat().map((value) => value as Micros),
      keyframe: fc.boolean(),
      discardable: fc.boolean(),
      layer: fc.integer({ min: 0, max: 3 }),
      payload: fc.uint8Array({ minLength: 1, maxLength: 64 }),
    });
    fc.assert(
      fc.property(frames, (frame) => {
        expect(Frame.decode(Frame.encode(frame))).toEqual({ ...frame, roomBytes: 16 });
      }),
    );
  });

  test("shares its payload with the bytes it was read from", () => {
    const { payload } = Frame.decode(FRAME_BYTES);
    expect(payload.buffer).toBe(FRAME_BYTES.buffer);
  });

  test.each([
    ["no payload", "01 01 0007 00000102 00060a2418202240", "HW_MALFORMED", /payload/],
    ["another kind", "03 01 0007 00000102 00060a2418202240 ff", "HW_MALFORMED", /starts with 1, not 3/],
    ["unknown flags", "01 41 0007 00000102 00060a2418202240 ff", "HW_MALFORMED", /0x41/],
    ["track 0", "01 01 0000 00000102 00060a2418202240 ff", "HW_MALFORMED", /track number 0/],
    ["a time beyond 2^53", "01 01 0007 00000102 0020000000000000 ff", "HW_MALFORMED", /capture time/],
  ])("with %s is refused", (_, bytes, code, message) => {
    expect(() => Frame.decode(hex(bytes))).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });

  test("over the limit is refused", () => {
    expect(() => Frame.decode(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(
      expect.objectContaining({ code: "HW_TOO_LARGE" }),
    );
  });
});

describe("an acknowledgement", () => {
  test("is the bytes that the specification shows", () => {
    expect(Ack.encode({ windowFrames: 3, track: 7, sequence: 258 })).toEqual(hex("02 03 0007 00000102"));
    expect(Ack.decode(hex("02 03 0007 00000102"))).toEqual({ windowFrames: 3, track: 7, sequence: 258 });
  });

  test("several in one message are read one after the other", () => {
    const taken: number[][] = [];
    const taker = { acknowledge: (...fields: number[]) => void taken.push(fields) };
    Ack.read(hex("ff 02 03 0007 00000102 02 01 0008 00000003"), 1, 16, taker);
    expect(taken).toEqual([
      [7, 258, 3],
      [8, 3, 1],
    ]);
    const acks = [
      { track: 7, sequence: 258, windowFrames: 3 },
      { track: 8, sequence: 3, windowFrames: 1 },
    ];
    expect(Ack.join(acks)).toEqual(hex("02 03 0007 00000102 02 01 0008 00000003"));
    expect(() => Ack.read(hex("02 03 0007 00000102 03 01 0008 00000003"), 0, 16, taker)).toThrow(
      /starting with 3/,
    );
    expect(() => Ack.read(hex("02 03 0007 00000102 02"), 0, 9, taker)).toThrow(/9 bytes/);
  });

  test.each([
    ["too short", "02 03 0007 000001"],
    ["too long", "02 03 0007 00000102 00"],
    ["of another kind", "01 03 0007 00000102"],
    ["with a window over 64", "02 41 0007 00000102"],
    ["empty", ""],
  ])("%s is refused", (_, bytes) => {
    expect(() => Ack.decode(hex(bytes))).toThrow(expect.objectContaining({ code: "HW_MALFORMED" }));
  });
});
