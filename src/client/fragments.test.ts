import { expect, test } from "vitest";
import { fragment, initSegment } from "./fragments.ts";

const START = [0, 0, 0, 1];
const SPS = Uint8Array.from("6742c01fd9005005bb011000000300100000030320f1832480".match(/../g)!, (byte) =>
  Number.parseInt(byte, 16),
);
const PPS = Uint8Array.of(0x68, 0xce, 0x3c, 0x80);
const SLICE = Uint8Array.of(0x65, 0x88, 0x84, 0x00, 0x33);
const KEYFRAME = Uint8Array.of(...START, 9, 0xf0, ...START, ...SPS, ...START, ...PPS, ...START, ...SLICE);

interface Box {
  readonly type: string;
  readonly start: number;
  readonly bytes: Uint8Array;
}

function boxes(bytes: Uint8Array, from = 0): Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Box[] = [];
  for (let at = from; at < bytes.length; ) {
    const size = view.getUint32(at);
    expect(size).toBeGreaterThanOrEqual(8);
    expect(at + size).toBeLessThanOrEqual(bytes.length);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    found.push({ type, start: at, bytes: bytes.subarray(at + 8, at + size) });
    at += size;
  }
  return found;
}

function inside(bytes: Uint8Array, ...path: string[]): Uint8Array {
  return path.reduce((outer, type) => boxes(outer).find((box) => box.type === type)!.bytes, bytes);
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at);
}

test("the head names codec and size, and states no duration: that is what makes it live", () => {
  const { bytes, codec } = initSegment(KEYFRAME)!;
  expect(codec).toBe("avc1.42C01F");
  expect(boxes(bytes).map(({ type }) => type)).toEqual(["ftyp", "moov"]);
  expect(boxes(inside(bytes, "moov")).map(({ type }) => type)).toEqual(["mvhd", "trak", "mvex"]);
  expect(u32(inside(bytes, "moov", "mvhd"), 16)).toBe(0);
  expect(u32(inside(bytes, "moov", "trak", "mdia", "mdhd"), 12)).toBe(1_000_000);
  const header = inside(bytes, "moov", "trak", "tkhd");
  expect([u32(header, 76) / 65_536, u32(header, 80) / 65_536]).toEqual([1280, 720]);
  const entry = boxes(inside(bytes, "moov", "trak", "mdia", "minf", "stbl", "stsd"), 8)[0]!;
  expect(entry.type).toBe("avc1");
  const avcC = boxes(entry.bytes, 78)[0]!;
  expect(avcC.type).toBe("avcC");
  expect([...avcC.bytes]).toEqual([
    1,
    0x42,
    0xc0,
    0x1f,
    0xff,
    0xe1,
    0,
    SPS.length,
    ...SPS,
    1,
    0,
    PPS.length,
    ...PPS,
  ]);
});

test("a delta has no head", () => {
  expect(initSegment(Uint8Array.of(...START, 0x41, 0x9a))).toBeUndefined();
});

test("a frame is a fragment of its own, units behind their lengths, parameter sets left out", () => {
  const time = 2 ** 33 + 5;
  const bytes = fragment(7, {
    payload: KEYFRAME,
    keyframe: true,
    discardable: false,
    time,
    duration: 33_333,
  });
  expect(boxes(bytes).map(({ type }) => type)).toEqual(["moof", "mdat"]);
  expect([...inside(bytes, "mdat")]).toEqual([0, 0, 0, SLICE.length, ...SLICE]);
  expect(u32(inside(bytes, "moof", "mfhd"), 4)).toBe(7);
  const tfdt = inside(bytes, "moof", "traf", "tfdt");
  expect(u32(tfdt, 4) * 2 ** 32 + u32(tfdt, 8)).toBe(time);
  const trun = inside(bytes, "moof", "traf", "trun");
  expect([u32(trun, 4), u32(trun, 12), u32(trun, 16)]).toEqual([1, 33_333, SLICE.length + 4]);
  const mdat = boxes(bytes)[1]!;
  expect(u32(trun, 8)).toBe(mdat.start + 8);
});

test("a frame says what it needs, and whether it is needed", () => {
  const flags = (keyframe: boolean, discardable: boolean): number => {
    const payload = Uint8Array.of(...START, 0x41, 0x9a);
    const bytes = fragment(1, { payload, keyframe, discardable, time: 0, duration: 1 });
    return u32(inside(bytes, "moof", "traf", "trun"), 20);
  };
  expect(flags(true, false)).toBe(0x0200_0000);
  expect(flags(false, false)).toBe(0x0101_0000);
  expect(flags(false, true)).toBe(0x0181_0000);
});
