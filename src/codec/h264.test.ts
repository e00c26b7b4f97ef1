import { describe, expect, test } from "vitest";
import { H264, playsInBrowsers } from "./h264.ts";
import { levelFor } from "./h264-level.ts";
import { H265 } from "./h265.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

// What x264 wrote for 640x360, which is not a multiple of 16.
const SPS = hex("6742c01fda0280bfe5c05b80868320000003002000000f11e30654");
// The profile of an H.265 sequence parameter set: main, compatible with profiles 1 and 2, level 2.
const HEVC_SPS = hex("4201 01 01 60000000 900000000000 3c a0");

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
