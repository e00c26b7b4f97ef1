import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { FramingError, MessageReader } from "./message-reader.ts";

/** What a client says, as a list: `["text", "hi"]`. */
type Said = readonly [string, ...unknown[]];

class Heard {
  readonly said: Said[] = [];
  frames = 0;
  frame = (): unknown => this.frames++;
  text = (message: string): unknown => this.said.push(["text", message]);
  binary = (bytes: Buffer, start: number, length: number): unknown =>
    this.said.push(["binary", bytes.toString("hex", start, start + length)]);
  ping = (payload: Buffer): unknown => this.said.push(["ping", payload.toString("hex")]);
  closing = (code: number | undefined): unknown => this.said.push(["closing", code]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** All that the stream says, fed in pieces of these sizes (the last one again and again). */
function hear(
  stream: Uint8Array,
  sizes: readonly number[] = [stream.byteLength || 1],
  maxBytes?: number,
): Said[] {
  const heard = new Heard();
  const reader = new MessageReader(heard, maxBytes);
  for (let at = 0, n = 0; at < stream.byteLength; n++) {
    const size = sizes[Math.min(n, sizes.length - 1)] ?? 1;
    const piece = Buffer.from(stream.subarray(at, at + size));
    reader.push(piece, piece.byteLength);
    at += size;
  }
  return heard.said;
}

/** A client's frame: the mask makes the payload unreadable. */
function frame(first: number, payload: Uint8Array, mask = hex("37fa213d")): Buffer {
  const { byteLength } = payload;
  const length =
    byteLength < 126
      ? Buffer.from([0x80 | byteLength])
      : byteLength <= 0xffff
        ? Buffer.from([0xfe, byteLength >> 8, byteLength & 0xff])
        : Buffer.concat([
            hex("ff 00000000"),
            Buffer.from([0, byteLength >> 16, (byteLength >> 8) & 0xff, byteLength & 0xff]),
          ]);
  return Buffer.concat([
    Buffer.from([first]),
    length,
    mask,
    payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)),
  ]);
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a client's message", () => {
  // Examples of RFC 6455 section 5.7, masked as there.
  test.each<[string, string, Said[]]>([
    ["of text", "81 85 37fa213d 7f9f4d5158", [["text", "Hello"]]],
    ["of nothing", "81 80 37fa213d", [["text", ""]]],
    ["of an acknowledgement", "82 88 00000000 0203000700000102", [["binary", "0203000700000102"]]],
    ["that asks whether we are there", "89 85 37fa213d 7f9f4d5158", [["ping", "48656c6c6f"]]],
    ["that says that it is there", "8a 81 37fa213d 5a", []],
    ["that closes", "88 82 00000000 03e8", [["closing", 1000]]],
    ["that closes without a code", "88 80 37fa213d", [["closing", undefined]]],
    ["in two fragments", "01 83 00000000 48656c  80 82 00000000 6c6f", [["text", "Hello"]]],
    [
      "with a control message between its fragments, and a character cut in two",
      "01 81 00000000 c3  89 80 00000000  00 80 00000000  80 81 00000000 a4",
      [
        ["ping", ""],
        ["text", "ä"],
      ],
    ],
    ["that is the last", "88 80 00000000 81 80 00000000", [["closing", undefined]]],
  ])("%s", (_, bytes, said) => {
    expect(hear(hex(bytes))).toEqual(said);
    expect(hear(hex(bytes), [1])).toEqual(said);
  });

  test.each<[string, string, number]>([
    ["reserved bits", "c1 80 00000000", 1002],
    ["no mask", "81 05 48656c6c6f", 1002],
    ["an opcode that does not exist", "83 80 00000000", 1002],
    ["a control opcode that does not exist", "8b 80 00000000", 1002],
    ["a ping in fragments", "09 80 00000000", 1002],
    ["a ping of 126 bytes", "89 fe 007e 00000000", 1002],
    ["a fragment of nothing", "80 80 00000000", 1002],
    ["a message within another", "01 80 00000000 81 80 00000000", 1002],
    ["text that is not UTF-8", "81 81 00000000 ff", 1007],
    ["a surrogate in UTF-8", "81 83 00000000 eda080", 1007],
    ["a close of one byte", "88 81 00000000 03", 1002],
    ["a close code that never travels", "88 82 00000000 03ed", 1002],
    ["a close code below all", "88 82 00000000 03e7", 1002],
    ["a close code above all", "88 82 00000000 1388", 1002],
    ["a close reason that is not UTF-8", "88 83 00000000 03e8 ff", 1007],
    ["a length over the limit, payload still to come", "82 fe 1001 00000000", 1009],
    ["a length of 64 bits over the limit", "82 ff 0000000100000000 00000000", 1009],
    ["fragments over the limit together", `02 fe 1000 00000000 ${"00".repeat(4096)} 80 81 00000000`, 1009],
  ])("with %s is refused", (_, bytes, closeCode) => {
    for (const size of [1, 7, 10_000]) {
      expect(() => hear(hex(bytes), [size])).toThrow(
        expect.objectContaining({ name: "FramingError", closeCode }),
      );
    }
  });

  test("behind an error is not looked at", () => {
    const heard = new Heard();
    const reader = new MessageReader(heard);
    expect(() => reader.push(hex("83 80 00000000"), 6)).toThrow(FramingError);
    reader.push(hex("81 80 00000000"), 6);
    expect(heard.said).toEqual([]);
  });

  test("is read from the first bytes of a chunk only", () => {
    const heard = new Heard();
    new MessageReader(heard).push(hex("89 80 00000000 89 80 00000000"), 6);
    expect(heard.said).toEqual([["ping", ""]]);
  });

  test("holds no more than the largest allowed, and nothing between messages", () => {
    const heard = new Heard();
    const reader = new MessageReader(heard, 4096);
    const stream = frame(0x82, new Uint8Array(4096).fill(7));
    for (const byte of stream) {
      reader.push(Buffer.from([byte]), 1);
      expect(reader.heldBytes).toBeLessThanOrEqual(4096 + 14);
    }
    expect(heard.said).toEqual([["binary", "07".repeat(4096)]]);
    expect(reader.heldBytes).toBe(0);
  });

  test("in fragments holds no more than that, and is told by every one of them", () => {
    const heard = new Heard();
    const reader = new MessageReader(heard, 4096);
    const part = frame(0x00, new Uint8Array(64).fill(7));
    const stream = [
      frame(0x02, new Uint8Array(0)),
      ...Array<Buffer>(63).fill(part),
      frame(0x80, new Uint8Array(64).fill(7)),
    ];
    for (const [index, bytes] of stream.entries()) {
      reader.push(Buffer.from(bytes), bytes.byteLength);
      expect(reader.heldBytes).toBeLessThanOrEqual(4096);
      expect(heard.frames).toBe(index + 1);
    }
    expect(heard.said).toEqual([["binary", "07".repeat(4096)]]);
    expect(reader.heldBytes).toBe(0);
  });

  test("takes memory once, however many fragments of nothing it has", () => {
    const heard = new Heard();
    const reader = new MessageReader(heard);
    const taken = (["alloc", "allocUnsafe", "allocUnsafeSlow", "concat"] as const).map((how) =>
      vi.spyOn(Buffer, how),
    );
    const begin = hex("01 81 00000000 61");
    reader.push(begin, begin.byteLength);
    for (let n = 0; n < 1000; n++) reader.push(hex("00 80 00000000"), 6);
    const calls = taken.reduce((sum, { mock }) => sum + mock.calls.length, 0);
    reader.push(hex("80 81 00000000 62"), 7);
    expect(heard.said).toEqual([["text", "ab"]]);
    expect(calls).toBe(1);
  });

  test("is not told when its frame is refused", () => {
    const heard = new Heard();
    heard.frame = () => {
      throw new Error("too many");
    };
    const reader = new MessageReader(heard);
    expect(() => reader.push(hex("81 80 00000000"), 6)).toThrow("too many");
    expect(heard.said).toEqual([]);
  });

  test("comes out the same however the stream is cut", () => {
    const message = fc.oneof(
      fc.record({
        kind: fc.constant("text" as const),
        body: fc.string({ unit: "grapheme", maxLength: 300 }),
      }),
      fc.record({ kind: fc.constant("binary" as const), body: fc.uint8Array({ maxLength: 1000 }) }),
    );
    const mask = fc.uint8Array({ minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, mask, fc.array(fc.nat(400), { maxLength: 3 }), fc.boolean()), {
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }),
        (messages, sizes) => {
          const expected: Said[] = [];
          const stream = messages.flatMap(([{ kind, body }, key, cuts, pinged]) => {
            const bytes = Buffer.from(body as string);
            const marks = [0, ...cuts.map((cut) => Math.min(cut, bytes.byteLength)).sort((a, b) => a - b)];
            const frames = marks.map((from, i) => {
              const last = i === marks.length - 1;
              const opcode = i > 0 ? 0 : kind === "text" ? 1 : 2;
              return frame((last ? 0x80 : 0) | opcode, bytes.subarray(from, marks[i + 1]), Buffer.from(key));
            });
            if (pinged) {
              frames.splice(1, 0, frame(0x89, Uint8Array.of(1, 2), Buffer.from(key)));
              if (frames.length > 2) expected.push(["ping", "0102"]);
            }
            expected.push(kind === "text" ? ["text", bytes.toString()] : ["binary", bytes.toString("hex")]);
            if (pinged && frames.length === 2) expected.push(["ping", "0102"]);
            return frames;
          });
          expect(hear(Buffer.concat(stream), sizes)).toEqual(expected);
        },
      ),
    );
  });

  test("of any bytes ends in messages or in a refusal, cut or not", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), (bytes, size) => {
        const outcome = (sizes: readonly number[]): unknown => {
          try {
            return hear(bytes, sizes);
          } catch (error) {
            expect(error).toBeInstanceOf(FramingError);
            return (error as FramingError).closeCode;
          }
        };
        expect(outcome([size])).toEqual(outcome([1000]));
      }),
      { numRuns: 500 },
    );
  });
});
