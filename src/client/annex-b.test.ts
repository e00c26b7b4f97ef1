import { expect, test } from "vitest";
import { findParameters, nalType, nalUnits, readParameters } from "./annex-b.ts";

function hex(text: string): Uint8Array {
  return Uint8Array.from(text.replaceAll(" ", "").match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

test("units are cut at start codes of three and of four bytes", () => {
  const units = nalUnits(hex("00 00 00 01 67 42 00 00 01 68 ce 00 00 00 00 01 65 88 00 00 03 01"));
  expect(units).toEqual([hex("67 42"), hex("68 ce"), hex("65 88 00 00 03 01")]);
  expect(units.map(nalType)).toEqual([7, 8, 5]);
});

test("bytes without a start code hold no unit", () => {
  expect(nalUnits(hex("ff d8 ff d9"))).toEqual([]);
  expect(nalUnits(new Uint8Array(0))).toEqual([]);
});

test("the parameters of a keyframe are found, those of a delta are not there", () => {
  expect(findParameters(hex("00 00 01 09 f0 00 00 01 67 42 c0 00 00 01 65 88"))).toEqual(hex("67 42 c0"));
  expect(findParameters(hex("00 00 01 41 9a"))).toBeUndefined();
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
])("codec and size of %s", (sps, expected) => {
  expect(readParameters(hex(sps))).toMatchObject({ ...expected, lumaBits: 8, chromaBits: 8 });
});

test("a parameter set that is cut off is read without complaint", () => {
  const whole = hex("6764001facd940fc1279623011000003000100000300320f183196");
  for (let length = 1; length < whole.length; length++) readParameters(whole.subarray(0, length));
});
