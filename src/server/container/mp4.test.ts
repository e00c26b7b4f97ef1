import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ParameterSets, parameterSets } from "../../codec/index.ts";
import type { Frame, Micros } from "../../protocol/index.ts";
import { mp4Data, mp4FragmentHead, mp4Head } from "./mp4.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s|\|.*$/gm, ""), "hex");
const hex = (buffer: Uint8Array): string => Buffer.from(buffer).toString("hex");

const frame = (facts: Partial<Frame.Frame>): Frame.Frame => ({
  track: 1,
  sequence: 258,
  capturedAt: 1_700_000_000_123_456 as Micros,
  keyframe: false,
  discardable: false,
  layer: 0,
  payload: bytes("00000001 41 9a24"),
  ...facts,
});

// Delimiter, SPS (baseline, 640 x 480), PPS, IDR slice, filler.
const KEYFRAME = bytes(
  "00000001 09f0 00000001 67 42001f f40501ec80 000001 68 ce3880 000001 65 88840001 00000001 0cff80",
);

describe("a fragment", () => {
  test("of a delta, byte for byte", () => {
    const data = mp4Data(frame({}));
    const head = mp4FragmentHead(frame({}), {
      number: 258,
      micros: 5_000_000_000,
      laterMicros: 0,
      dataBytes: data.length,
    });
    expect(hex(Buffer.concat([head, data]))).toBe(
      hex(
        bytes(`
          00000060 6d6f6f66                                              | moof
            00000010 6d666864 00000000 00000102                          | mfhd: 258
            00000048 74726166                                            | traf
              00000014 74666864 00020020 00000001 01010000               | tfhd: base is moof, flags; track 1; depends, not sync
              00000014 74666474 01000000 00000001 2a05f200               | tfdt: 5,000 s
              00000018 7472756e 00000201 00000001 00000068 00000007      | trun: one sample at 104, of 7 bytes
          0000000f 6d646174                                              | mdat
            00000003 419a24                                              | length, NAL unit
        `),
      ),
    );
  });

  test("that is shown later than it is decoded says so", () => {
    const facts = { number: 1, micros: 0, laterMicros: -40_000, dataBytes: 7 };
    const head = mp4FragmentHead(frame({}), facts);
    expect(hex(head.subarray(72))).toBe(
      hex(
        bytes(`
          0000001c 7472756e 01000a01 00000001 0000006c 00000007 ffff63c0 | trun: at 108, of 7 bytes, 40 ms earlier
          0000000f 6d646174
        `),
      ),
    );
    expect([head.readUInt32BE(0), head.readUInt32BE(24)]).toEqual([100, 76]);
  });

  test.each([
    ["of a keyframe begins a GOP", { keyframe: true }, "02000000"],
    ["of a frame that no other needs says so", { discardable: true }, "01810000"],
  ])("%s", (_, facts, flags) => {
    const head = mp4FragmentHead(frame(facts), { number: 1, micros: 0, laterMicros: 0, dataBytes: 1 });
    expect(hex(head.subarray(48, 52))).toBe(flags);
  });

  test("of a keyframe holds its slices alone: the rest is in the head of the stream", () => {
    expect(hex(mp4Data(frame({ keyframe: true, payload: KEYFRAME })))).toBe("00000005" + "6588840001");
  });

  test("holds any NAL units behind their lengths", () => {
    const unit = fc.uint8Array({ maxLength: 50, min: 2 }).map((body) => Buffer.from([0x41, ...body]));
    const parts = fc.array(fc.tuple(fc.constantFrom("000001", "00000001"), unit), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(parts, (list) => {
        const data = mp4Data(
          frame({ payload: Buffer.concat(list.flatMap(([code, nal]) => [Buffer.from(code, "hex"), nal])) }),
        );
        const found: string[] = [];
        for (let at = 0; at < data.length; at += 4 + data.readUInt32BE(at)) {
          found.push(hex(data.subarray(at + 4, at + 4 + data.readUInt32BE(at))));
        }
        expect(found).toEqual(list.map(([, nal]) => hex(nal)));
      }),
    );
  });
});

describe("the head of a stream", () => {
  const sets = parameterSets(KEYFRAME)!;
  const head = mp4Head(sets, 25);

  /** The boxes in `from`, by their path; those in `inside` are entered. */
  function boxes(from: Buffer, path = ""): Map<string, string> {
    const found = new Map<string, string>();
    for (let at = 0; at < from.length; at += from.readUInt32BE(at)) {
      const type = from.toString("latin1", at + 4, at + 8);
      const body = from.subarray(at + 8, at + from.readUInt32BE(at));
      const here = `${path}/${type}`;
      if (["moov", "trak", "mdia", "minf", "dinf", "stbl", "mvex"].includes(type)) {
        for (const [key, value] of boxes(body, here)) found.set(key, value);
      } else {
        found.set(here, hex(body));
      }
    }
    return found;
  }

  test("says what a decoder must know, byte for byte", () => {
    const unity = "00010000 00000000 00000000 00000000 00010000 00000000 00000000 00000000 40000000";
    const zeros = (count: number): string => "00".repeat(count);
    const expected: Record<string, string> = {
      "/ftyp": "69736f36 00000000 69736f36 61766331 6d703431",
      "/moov/mvhd": `00000000 00000000 00000000 000f4240 00000000 00010000 0100 0000 ${zeros(8)} ${unity} ${zeros(24)} 00000002`,
      "/moov/trak/tkhd": `00000003 00000000 00000000 00000001 00000000 00000000 ${zeros(8)} 0000 0000 0000 0000 ${unity} 02800000 01e00000`,
      "/moov/trak/mdia/mdhd": "00000000 00000000 00000000 000f4240 00000000 55c4 0000",
      "/moov/trak/mdia/hdlr": `00000000 00000000 76696465 ${zeros(12)} 63616d657261 00`,
      "/moov/trak/mdia/minf/vmhd": "00000001 0000 0000 0000 0000",
      "/moov/trak/mdia/minf/dinf/dref": "00000000 00000001 0000000c 75726c20 00000001",
      "/moov/trak/mdia/minf/stbl/stsd":
        `00000000 00000001 00000076 61766331 ${zeros(6)} 0001 ${zeros(16)} 0280 01e0 00480000 00480000 00000000 0001 ` +
        `${zeros(32)} 0018 ffff 00000020 61766343 01 42 00 1f ff e1 0009 6742001ff40501ec80 01 0004 68ce3880`,
      "/moov/trak/mdia/minf/stbl/stts": "00000000 00000000",
      "/moov/trak/mdia/minf/stbl/stsc": "00000000 00000000",
      "/moov/trak/mdia/minf/stbl/stsz": "00000000 00000000 00000000",
      "/moov/trak/mdia/minf/stbl/stco": "00000000 00000000",
      "/moov/mvex/trex": "00000000 00000001 00000001 00009c40 00000000 00000000",
    };
    expect(Object.fromEntries(boxes(head))).toEqual(
      Object.fromEntries(Object.entries(expected).map(([path, body]) => [path, hex(bytes(body))])),
    );
  });

  test("tells of colour in the high profiles", () => {
    const high: ParameterSets = {
      sps: [bytes("6764001f01")],
      pps: [bytes("68ce")],
      picture: {
        codec: "avc1.64001F",
        width: 16,
        height: 16,
        chromaFormat: 1,
        lumaBits: 8,
        chromaBits: 10,
        order: sets.picture.order,
      },
    };
    const text = hex(mp4Head(high, undefined));
    expect(text).toContain(hex(bytes("0164001fff e1 0005 6764001f01 01 0002 68ce fd f8 fa 00")));
    // Of a camera that does not tell its rate a frame is shown for a thirtieth.
    expect(text).toContain("00008235");
  });
});
