import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteCursor, ShortError } from "./byte-cursor.ts";
import { checksum } from "./nut-format.ts";
import { NutReader } from "./nut-reader.ts";
import type { NutPacket, NutStream } from "./nut-stream.ts";
import { nutFrame, nutHeader } from "./nut-writer.ts";

const frame = fc.record({
  pts: fc.integer({ min: 0, max: 2 ** 50 }),
  keyframe: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 9000 }),
});
const stream = fc.record({
  tag: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  width: fc.integer({ min: 1, max: 8192 }),
  height: fc.integer({ min: 1, max: 8192 }),
  delay: fc.integer({ min: 0, max: 16 }),
  parameters: fc.uint8Array({ maxLength: 5000 }),
});

interface Read {
  readonly streams: NutStream[];
  readonly packets: NutPacket[];
}

/** What a reader gets of `bytes` that come in pieces of these lengths, again and again. */
function read(bytes: Uint8Array, pieces: readonly number[], maxPacketBytes = 100_000): Read {
  const found: Read = { streams: [], packets: [] };
  const reader = new NutReader({
    maxPacketBytes,
    stream: (one) => found.streams.push(one),
    packet: (one) => found.packets.push(one),
  });
  for (let at = 0, nth = 0; at < bytes.byteLength; nth++) {
    const length = pieces[nth % pieces.length] ?? 1;
    reader.push(bytes.subarray(at, at + length));
    at += length;
  }
  return found;
}

const plain = (bytes: Uint8Array): number[] => [...bytes];

describe("NUT", () => {
  test("what is written is read, in whatever pieces it comes", () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(frame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1, maxLength: 6 }),
        (facts, frames, pieces) => {
          const written = Buffer.concat([
            nutHeader(facts),
            ...frames.flatMap(({ pts, keyframe, bytes }) => [
              nutFrame(pts, keyframe, bytes.byteLength),
              bytes,
            ]),
          ]);
          const { streams, packets } = read(written, pieces);
          expect(
            streams.map((one) => ({ ...one, tag: plain(one.tag), parameters: plain(one.parameters) })),
          ).toEqual([
            { ...facts, tag: plain(facts.tag), parameters: plain(facts.parameters), tickMicros: 1 },
          ]);
          // A frame without bytes is done with when the next one begins.
          expect(
            packets.map(({ ptsMicros, keyframe, bytes }) => [ptsMicros, keyframe, plain(bytes)]),
          ).toEqual(frames.map(({ pts, keyframe, bytes }) => [pts, keyframe, plain(bytes)]));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("bytes of no sense are an error or wait for more, and never hang", () => {
    const header = nutHeader({
      tag: Buffer.from("I420"),
      width: 2,
      height: 2,
      delay: 0,
      parameters: new Uint8Array(0),
    });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 0, max: header.byteLength }),
        (noise, at) => {
          try {
            read(Buffer.concat([header.subarray(0, at), noise]), [64], 1000);
          } catch (error) {
            expect((error as Error).message).toMatch(/\S/);
          }
        },
      ),
    );
  });

  test("a packet beyond the bound is refused before memory is spent", () => {
    const header = nutHeader({
      tag: Buffer.from("I420"),
      width: 2,
      height: 2,
      delay: 0,
      parameters: new Uint8Array(0),
    });
    const written = Buffer.concat([header, nutFrame(0, true, 2 ** 40)]);
    expect(() => read(written, [written.byteLength])).toThrow("is too large");
  });

  test("what is no such file is refused", () => {
    expect(() => read(Buffer.from("RIFF".repeat(20)), [80])).toThrow("it is not NUT");
  });

  test("the check of a header is that of the format", () => {
    // The remainder of a message with its own check behind it is nothing.
    const bytes = Buffer.from("123456789");
    const check = Buffer.alloc(4);
    check.writeUInt32BE(checksum(bytes));
    expect(checksum(Buffer.concat([bytes, check]))).toBe(0);
    expect(checksum(bytes)).toBe(0x89a1897f);
  });

  test("numbers with a sign are told from those that are not there", () => {
    const numbers = (...bytes: number[]): number => new ByteCursor(Uint8Array.from(bytes)).s();
    expect([numbers(0), numbers(1), numbers(2), numbers(3), numbers(4)]).toEqual([0, 1, -1, 2, -2]);
    expect(() => new ByteCursor(Uint8Array.of(0x80)).v()).toThrow(ShortError);
  });
});
