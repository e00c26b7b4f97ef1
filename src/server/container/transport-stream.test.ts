import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Frame, Micros } from "../../protocol/index.ts";
import { TransportStream } from "./transport-stream.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s|\|.*$/gm, ""), "hex");
const hex = (buffer: Uint8Array): string => Buffer.from(buffer).toString("hex");

const frame = (facts: Partial<Frame.Frame>): Frame.Frame => ({
  track: 1,
  sequence: 1,
  capturedAt: 2_000_000 as Micros,
  keyframe: false,
  discardable: false,
  layer: 0,
  payload: bytes("00000001 41 9a24"),
  ...facts,
});

const packetsOf = (stream: Buffer): Buffer[] =>
  Array.from({ length: stream.length / 188 }, (_, n) => stream.subarray(188 * n, 188 * (n + 1)));

/** What stands behind the head and the adaptation field of a packet. */
const payloadOf = (packet: Buffer): Buffer => packet.subarray((packet[3]! & 0x20) === 0 ? 4 : 5 + packet[4]!);

describe("a frame in a transport stream", () => {
  test("is a PES packet with time and clock, byte for byte", () => {
    // 2 s are 180,000 = 0x2bf20 ticks: 0 | 5 | 16160, so 0010 000 1, 000000000000101 1, 011111100100000 1.
    // The clock is 9,000 behind: 171,000 = 0x29bf8, shifted right by one 0x14dfc, its last bit 0.
    const rest = "00 00 01 e0 0015 84 80 05 21 000b 7e41 00000001 09f0 00000001 419a24";
    const expected = bytes(`
      47 4100 30                         | begins, PID 0x100, field and payload, counter 0
      9c 10 00014dfc 7e00                | field of 156: clock
      ${"ff".repeat(149)}
      ${rest}
    `);
    expect(expected.length).toBe(188);
    expect(hex(new TransportStream().packets(frame({})))).toBe(hex(expected));
  });

  test("that is shown later than it is decoded has both times", () => {
    // 2.04 s are 183,600 = 0x2cd30 ticks: 0 | 5 | 19760, so 0011 000 1, 000000000000101 1, 100110100110000 1.
    const [packet] = packetsOf(new TransportStream().packets(frame({}), 2_040_000));
    expect(hex(payloadOf(packet!).subarray(4, 19))).toBe(
      hex(bytes("001a 84 c0 0a 31 000b 9a61 11 000b 7e41")),
    );
  });

  test("of a keyframe has the tables before it, and says that one may begin there", () => {
    const [pat, pmt, first] = packetsOf(new TransportStream().packets(frame({ keyframe: true })));
    const pad = (head: string): string => hex(bytes(head)).padEnd(2 * 188, "f");
    expect(hex(pat!)).toBe(pad("47 4000 10 00 00 b00d 0001 c1 00 00 0001 f000 2ab104b2"));
    // Its check is that of every H.264 program with these PIDs; verified by the property below.
    expect(hex(pmt!)).toMatch(
      new RegExp(`^${hex(bytes("47 5000 10 00 02 b012 0001 c1 00 00 e100 f000 1b e100 f000"))}`),
    );
    expect(first![5]).toBe(0x50);
  });

  test("keeps the delimiter that it has", () => {
    const payload = bytes("000001 09 30 00000001 41 9a24");
    const [packet] = packetsOf(new TransportStream().packets(frame({ payload })));
    expect(hex(payloadOf(packet!).subarray(14))).toBe(hex(payload));
  });

  test("tells the time of today in 33 bits", () => {
    // 1,700,000,000,123,456 us x 0.09 = 153,000,000,011,111.04 ticks, less 17,811 turns of 2^33.
    const ticks = 153_000_000_011_111 % 2 ** 33;
    const [packet] = packetsOf(
      new TransportStream().packets(frame({ capturedAt: 1_700_000_000_123_456 as Micros })),
    );
    const time = payloadOf(packet!).subarray(9, 14);
    const read =
      ((time[0]! >> 1) & 7) * 2 ** 30 + (time.readUInt16BE(1) >> 1) * 2 ** 15 + (time.readUInt16BE(3) >> 1);
    expect(read).toBe(ticks);
  });

  test("does not tell a length that has no room", () => {
    const length = (size: number): number =>
      payloadOf(
        packetsOf(new TransportStream().packets(frame({ payload: Buffer.alloc(size, 7) })))[0]!,
      ).readUInt16BE(4);
    // Eight bytes of the PES head and six of the delimiter count, too.
    expect(length(65_535 - 14)).toBe(65_535);
    expect(length(65_535 - 13)).toBe(0);
  });

  test("of any size comes out as it went in, and nothing seems to be missing", () => {
    const sizes = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 1000 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(sizes, (list) => {
        const stream = new TransportStream();
        const counters = new Map<number, number>();
        for (const [keyframe, size] of list) {
          const payload = Buffer.from(Array.from({ length: size }, (_, n) => (n * 7 + 65) % 251));
          const video: Buffer[] = [];
          for (const packet of packetsOf(stream.packets(frame({ keyframe, payload })))) {
            const pid = packet.readUInt16BE(1) & 0x1fff;
            expect(packet[0]).toBe(0x47);
            expect(packet[3]! & 0x0f).toBe(counters.get(pid) ?? 0);
            counters.set(pid, ((counters.get(pid) ?? 0) + 1) % 16);
            if (pid === 0x100) video.push(payloadOf(packet));
          }
          expect(hex(Buffer.concat(video).subarray(14))).toBe(`0000000109f0${hex(payload)}`);
        }
      }),
    );
  });
});
