import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decoderConfiguration,
  findSequence,
  parameterSets,
  sameParameterSets,
  toSample,
} from "./h264-parameters.ts";
import { readSequence } from "./h264-sequence.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ""), "hex"));

// Typed by hand from ITU-T H.264 section 7.3.2.1.1. Baseline 3.1: 1 id | 1 frame num | 1 order type 0 | 1 order bits |
// 010 one reference | 0 | 00101000 = 39: 40 columns | 00011001 0... : see each case.
// 40 x 30 blocks: ue(39) = 00000101000, ue(29) = 000011110; frames only 1, direct 1, no crop 0, no VUI 0, stop 1.
const VGA = "67 42001f" + bits("1 1 1 1 010 0 00000101000 000011110 1 1 0 0 1");
// 1920 x 1088, and a crop of 4 units (8 rows) at the bottom: ue(119) = 0000001111000, ue(67) = 0000001000100.
const FULL_HD = "67 42001f" + bits("1 1 1 1 010 0 0000001111000 0000001000100 1 1 1 1 1 1 00101 0 1");
// The same as fields: half the rows in the map (ue(33) = 00000100010), a unit of crop is 4 rows: 2 units.
const FULL_HD_FIELDS = "67 42001f" + bits("1 1 1 1 010 0 0000001111000 00000100010 0 0 1 1 1 1 1 011 0 1");
// High 4:2:2 of 10 bits (profile 122): ue(2) = 011, ue(2), ue(2), bypass 0, no scaling 0.
const HIGH = "67 7a001f" + bits("1 011 011 011 0 0 1 1 1 010 0 00000101000 000011110 1 1 0 0 1");
// High, with one scaling list of 16: its first delta is -8 (se: 17 = 000010001), which ends it.
const SCALED =
  "67 64001f" + bits("1 010 1 1 0 1 1 000010001 0 0 0 0 0 0 0 1 1 1 010 0 00000101000 000011110 1 1 0 0 1");
// Order type 1: se 0, se 0, a cycle of 1 with se 0.
const ORDERED = "67 42001f" + bits("1 1 010 0 1 1 010 1 010 0 00000101000 000011110 1 1 0 0 1");

function bits(text: string): string {
  const all = text.replaceAll(" ", "");
  const padded = all.padEnd(Math.ceil(all.length / 8) * 8, "0");
  return (padded.match(/.{8}/g) ?? [])
    .map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, "0"))
    .join("");
}

const keyframe = (sps: string, pps = "68 ce3880"): Uint8Array =>
  bytes(`00000001 ${sps} 000001 ${pps} 00000001 65 8880`);

describe("the size of the picture", () => {
  test.each([
    ["without crop", VGA, 640, 480, 1, 8],
    ["with crop", FULL_HD, 1920, 1080, 1, 8],
    ["in fields", FULL_HD_FIELDS, 1920, 1080, 1, 8],
    ["in 4:2:2 of ten bits", HIGH, 640, 480, 2, 10],
    ["behind a scaling list", SCALED, 640, 480, 1, 8],
    ["behind the longest picture order", ORDERED, 640, 480, 1, 8],
  ])("%s", (_, sps, width, height, chromaFormat, lumaBits) => {
    expect(parameterSets(keyframe(sps))?.picture).toMatchObject({
      codec: `avc1.${sps.slice(3, 9).toUpperCase()}`,
      width,
      height,
      chromaFormat,
      lumaBits,
      chromaBits: lumaBits,
    });
  });

  test("behind bytes that keep start codes away", () => {
    // As x264 writes it for 320 x 180: two of its zeros pairs are followed by 03.
    const sps = "67 64000d acb202833f3e022000000300 20000007 91e28549";
    expect(parameterSets(keyframe(sps))?.picture).toMatchObject({ width: 320, height: 180 });
  });
});

// What x264 wrote.
test.each([
  [
    "6742c01fd9005005bb011000000300100000030320f1832480",
    { codec: "avc1.42C01F", width: 1280, height: 720, chromaFormat: 1 },
  ],
  [
    "6764001facd940fc1279623011000003000100000300320f183196",
    { codec: "avc1.64001F", width: 1000, height: 562, chromaFormat: 1 },
  ],
  [
    "67f4000d919b28283f6022000003000200000300641e28532c",
    { codec: "avc1.F4000D", width: 320, height: 240, chromaFormat: 3 },
  ],
])("what %s says, whole or cut off", (sps, expected) => {
  expect(readSequence(bytes(sps))).toMatchObject({ ...expected, lumaBits: 8, chromaBits: 8 });
  for (let length = 0; length < bytes(sps).length; length++) readSequence(bytes(sps).subarray(0, length));
});

test("a parameter set of any bytes is read in bounded time", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), fc.constantFrom(0x42, 0x64, 0x7a), (body, profile) => {
      const sps = Uint8Array.of(0x67, profile, 0, 0x1f, ...body);
      const found = parameterSets(Uint8Array.of(0, 0, 1, ...sps, 1, 0, 0, 1, 0x68, 0xce));
      if (found === undefined) return;
      expect(found.picture.width).toBeGreaterThan(0);
      expect(found.picture.height).toBeLessThanOrEqual(16_384);
    }),
  );
});

test("a keyframe has a sequence parameter set, a delta has none", () => {
  expect(findSequence(keyframe(VGA))).toEqual(bytes(VGA));
  expect(findSequence(bytes("000001 41 9a"))).toBeUndefined();
});

test("a decoder configuration tells of colour in the high profiles", () => {
  const text = (sps: string): string =>
    Buffer.from(decoderConfiguration(parameterSets(keyframe(sps))!)).toString("hex");
  expect(text(VGA)).toBe(`0142001fffe1${"0009"}${VGA.replace(" ", "")}01${"0004"}68ce3880`);
  expect(text(HIGH)).toMatch(/^017a001fffe1.*68ce3880fefafa00$/);
});

test("a sample holds slices and messages behind their lengths, and nothing else", () => {
  const frame = bytes(`000001 09f0 000001 ${VGA} 000001 68ce 000001 0605 000001 658880 000001 0cff80`);
  expect(Buffer.from(toSample(frame)).toString("hex")).toBe("00000002060500000003658880");
});

test.each([
  ["has no parameter sets", "00000001 65 8880"],
  ["has no picture parameter set", `00000001 ${VGA} 000001 65 8880`],
  ["has one that is cut off", "00000001 6742 000001 68ce 000001 65 8880"],
  ["has one of nonsense", "00000001 67 64001f ffff00 000001 68ce 000001 65 88"],
  ["is empty", ""],
])("a keyframe that %s begins nothing", (_, hex) => {
  expect(parameterSets(bytes(hex))).toBeUndefined();
});

test("parameter sets are the same byte for byte, or not at all", () => {
  const sets = (sps: string, pps?: string) => parameterSets(keyframe(sps, pps))!;
  expect(sameParameterSets(sets(VGA), sets(VGA))).toBe(true);
  expect(sameParameterSets(sets(VGA), sets(FULL_HD))).toBe(false);
  expect(sameParameterSets(sets(VGA), sets(VGA, "68 ce3881"))).toBe(false);
  expect(sameParameterSets(sets(VGA), sets(VGA, "68 ce3880 000001 68 ee3880"))).toBe(false);
});
