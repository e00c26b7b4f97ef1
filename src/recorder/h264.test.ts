import { describe, expect, test } from "vitest";
import { AccessUnits } from "./access-units.ts";
import { join, split, splitByLength } from "./annex-b.ts";
import { H264, levelFor, playsInBrowsers } from "./h264.ts";
import { H265 } from "./h265.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

// What x264 wrote for 640x360, which is not a multiple of 16, and what x265 wrote for 320x240.
const SPS = hex("6742c01fda0280bfe5c05b80868320000003002000000f11e30654");
const PPS = hex("68ce0fc8");
const IDR = hex("6588840a");
const DELTA = hex("419a2072");
const DISCARDABLE = hex("019a4040");
// The profile of an H.265 sequence parameter set: main, compatible with profiles 1 and 2, level 2.
const HEVC_SPS = hex("4201 01 01 60000000 900000000000 3c a0");

describe("Annex B", () => {
  test("is split at start codes of either length, without padding", () => {
    const bytes = hex("00000001 6701 000001 6802 000000 00000001 6503 0000");
    expect(split(bytes)).toEqual([hex("6701"), hex("6802"), hex("6503")]);
    expect(split(hex("6701"))).toEqual([]);
  });

  test("is what lengths were", () => {
    const units = splitByLength(hex("00000002 6701 00000003 650203"), 4);
    expect(join(units)).toEqual(hex("00000001 6701 00000001 650203"));
    expect(splitByLength(hex("0002 6701 0009 65"), 2)).toEqual([hex("6701")]);
  });
});

describe("H.264", () => {
  test("says its codec and its size", () => {
    expect(H264.codecString(SPS)).toBe("avc1.42C01F");
    expect(H264.size(SPS)).toEqual({ width: 640, height: 360 });
  });

  test.each([
    [{ width: 64, height: 48 }, 30, 30],
    [{ width: 1280, height: 720 }, 30, 31],
    [{ width: 1280, height: 720 }, 60, 32],
    [{ width: 1920, height: 1080 }, 30, 40],
    [{ width: 3840, height: 2160 }, 30, 51],
  ])("%o at %d/s is level %d", (size, rate, level) => {
    expect(levelFor(size, rate)).toBe(level);
  });

  test("plays in browsers with 8 bits and 4:2:0", () => {
    expect(["avc1.42C01E", "avc1.4D4028", "avc1.640028"].every(playsInBrowsers)).toBe(true);
    expect(["avc1.6E0028", "avc1.7A0028", "avc1.F40028"].some(playsInBrowsers)).toBe(false);
  });
});

test("H.265 says its codec and where a decoder can start", () => {
  expect(H265.codecString(HEVC_SPS)).toBe("hev1.1.6.L60.90");
  expect([19, 20, 21, 1].map((type) => H265.isKeyframe(Uint8Array.of(type << 1, 1)))).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

describe("access units", () => {
  const bytes = join([SPS, PPS, IDR]);

  test("pass untouched where nothing is missing", () => {
    const units = new AccessUnits(H264);
    expect(units.push(bytes)?.payload).toBe(bytes);
    expect(units.description).toEqual({ codec: "avc1.42C01F", size: { width: 640, height: 360 } });
    const delta = join([DELTA]);
    expect(units.push(delta)).toEqual({ keyframe: false, discardable: false, payload: delta });
    expect(units.push(join([DISCARDABLE]))?.discardable).toBe(true);
  });

  test("get the parameter sets that a keyframe lacks, from the stream or from its container", () => {
    const streamed = new AccessUnits(H264);
    expect(streamed.push(join([SPS, PPS]))).toBeUndefined();
    expect(streamed.push(join([IDR]))).toEqual({ keyframe: true, discardable: false, payload: bytes });

    const length = (unit: Uint8Array): Uint8Array => Uint8Array.of(unit.length >> 8, unit.length & 255);
    const parts = [hex("01 42c01f ff e1"), length(SPS), SPS, hex("01"), length(PPS), PPS];
    const contained = new AccessUnits(H264, new Uint8Array(Buffer.concat(parts)));
    expect(contained.description?.codec).toBe("avc1.42C01F");
    expect(contained.push(new Uint8Array(Buffer.concat([hex("00000004"), IDR])))?.payload).toEqual(bytes);
  });

  test("start also where only the container says so", () => {
    const units = new AccessUnits(H264, join([SPS, PPS]));
    expect(units.push(join([DELTA]), true)).toMatchObject({ keyframe: true, discardable: false });
  });

  test("say so when the stream changes", () => {
    const units = new AccessUnits(H264);
    units.push(bytes);
    const before = units.description;
    units.push(bytes);
    expect(units.description).toBe(before);
    const other = SPS.slice();
    other[3] = 0x28;
    expect(units.push(join([other, PPS, IDR]))?.keyframe).toBe(true);
    expect(units.description?.codec).toBe("avc1.42C028");
    expect(units.push(join([IDR]))?.payload).toEqual(join([other, PPS, IDR]));
  });
});
