import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frame, Micros } from "../protocol/index.ts";
import { Joiner, split } from "./nats-parts.ts";

function frame(payload: Uint8Array, sequence = 258): Frame.Frame {
  return {
    track: 7,
    sequence,
    capturedAt: 1_700_000_000_123_456 as Micros,
    keyframe: true,
    discardable: false,
    layer: 0,
    payload,
  };
}

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

describe("a frame in messages", () => {
  test("is one message where it fits: the frame as it travels everywhere", () => {
    const [whole, ...more] = split(frame(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), 20);
    expect(more).toEqual([]);
    expect(hex(whole)).toBe("0101000700000102" + "00060a2418202240" + "ffd8ffd9");
  });

  test("is cut where it does not: these bytes, from docs/protocol.md", () => {
    const parts = split(frame(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), 28);
    expect(parts.map(hex)).toEqual([hex(split(frame(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9)), 28)[0])]);
    expect(split(frame(Uint8Array.of(0xff, 0xd8, 0xff, 0xd9, 0xaa)), 20).map(hex)).toEqual([
      "0300000700000102" + "0000001500000000" + "010100",
      "0300000700000102" + "0000001500000003" + "070000",
      "0300000700000102" + "0000001500000006" + "010200",
      "0300000700000102" + "0000001500000009" + "060a24",
      "0300000700000102" + "000000150000000c" + "182022",
      "0300000700000102" + "000000150000000f" + "40ffd8",
      "0300000700000102" + "0000001500000012" + "ffd9aa",
    ]);
  });

  test("is many small messages where it is long, and of about one size always as many", () => {
    const parts = (bytes: number): number => split(frame(new Uint8Array(bytes)), 1_048_576).length;
    expect([100_000, 262_128, 262_129].map(parts)).toEqual([1, 1, 16]);
    expect([2_200_000, 3_000_000, 4_100_000].map(parts)).toEqual([128, 128, 128]);
    const [first] = split(frame(new Uint8Array(3_000_000)), 1_048_576);
    expect(first?.byteLength).toBeLessThanOrEqual(32 * 1024);
  });

  test("is put together again, whatever the length of a message", () => {
    const frames = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(frames, fc.integer({ min: 17, max: 400 }), (payloads, maxBytes) => {
        const joiner = new Joiner();
        const got: Frame.Frame[] = [];
        for (const [sequence, payload] of payloads.entries()) {
          for (const message of split(frame(payload, sequence), maxBytes)) {
            expect(message.byteLength).toBeLessThanOrEqual(Math.max(maxBytes, 0));
            const whole = joiner.push(message);
            if (whole !== undefined) got.push(whole);
          }
        }
        expect(got.map(({ payload }) => hex(payload))).toEqual(payloads.map(hex));
        expect(got.map(({ sequence }) => sequence)).toEqual([...payloads.keys()]);
      }),
    );
  });

  test("is lost alone when one of its messages is: the next one is whole", () => {
    const long = new Uint8Array(100).fill(1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 7 }), (missing) => {
        const joiner = new Joiner();
        const first = split(frame(long, 1), 40).filter((_, index) => index !== missing);
        expect(first.map((message) => joiner.push(message)).filter(Boolean)).toEqual([]);
        const second = split(frame(long, 2), 40).map((message) => joiner.push(message));
        expect(second.at(-1)?.sequence).toBe(2);
        expect(joiner.messages).toBe(8);
      }),
    );
  });

  test("says with any of its messages but the last how many there are", () => {
    const parts = split(frame(new Uint8Array(100)), 40);
    for (const part of parts.slice(0, -1)) {
      const joiner = new Joiner();
      joiner.push(part);
      expect(joiner.messages).toBe(8);
    }
  });

  test("is refused before memory is spent where it would be too long, or its parts do not fit", () => {
    const joiner = new Joiner();
    const part = (total: string, offset: string): Uint8Array =>
      Buffer.from(`0300000700000102${total}${offset}ffff`, "hex");
    expect(() => joiner.push(part("01000001", "00000000"))).toThrow("over the 16777216 allowed");
    expect(() => joiner.push(part("00000001", "00000000"))).toThrow("beyond its end");
    expect(() => joiner.push(Buffer.from("0300", "hex"))).toThrow("16 bytes of header");
    expect(joiner.push(part("00000020", "00000010"))).toBeUndefined();
  });

  test("shares no memory with the message, and has room in front for the headers of the next hop", () => {
    const [message = new Uint8Array()] = split(frame(Uint8Array.of(1, 2, 3)), 1000);
    const whole = new Joiner().push(message);
    message.fill(0);
    expect([...(whole?.payload ?? [])]).toEqual([1, 2, 3]);
    expect(whole?.roomBytes).toBe(26);
    expect(whole?.payload.byteOffset).toBeGreaterThanOrEqual(26);
  });
});
