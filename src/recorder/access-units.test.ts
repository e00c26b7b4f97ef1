import { describe, expect, test } from "vitest";
import { AnnexB, H264 } from "../codec/index.ts";
import { AccessUnits } from "./access-units.ts";

const { join } = AnnexB;

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(" ", ""), "hex"));

// What x264 wrote for 640x360, which is not a multiple of 16.
const SPS = hex("6742c01fda0280bfe5c05b80868320000003002000000f11e30654");
const PPS = hex("68ce0fc8");
const IDR = hex("6588840a");
const DELTA = hex("419a2072");
const DISCARDABLE = hex("019a4040");

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
