import fc from "fast-check";
import { expect, test } from "vitest";
import { micros } from "../protocol/index.ts";
import { readStamp, stampable, writeStamp } from "./stamp.ts";

const JPEG = Buffer.from("ffd8ffe000044a46ffda0002aabbffd9", "hex");

test("a stamp is a comment in front of the rest", () => {
  const jpeg = stampable(JPEG, 0);
  writeStamp(jpeg, { sequence: 258, capturedAt: micros(1_700_000_000_123_456) });
  expect(Buffer.from(jpeg).toString("hex")).toBe(
    "ffd8fffe001768656c6c6f206c616200000102" + "00060a2418202240" + "ffe000044a46ffda0002aabbffd9",
  );
});

test("what is written can be read, at any size from what the picture needs", () => {
  const values = fc.record({ sequence: fc.nat(), capturedAt: fc.nat().map(micros) });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 200_000 }), (stamp, bytes) => {
      const jpeg = stampable(JPEG, bytes);
      writeStamp(jpeg, stamp);
      expect(readStamp(jpeg)).toEqual(stamp);
      expect(Math.abs(jpeg.byteLength - Math.max(bytes, JPEG.byteLength + 25))).toBeLessThanOrEqual(4);
    }),
  );
});

test("a program may put its own segment in front", () => {
  const jpeg = stampable(JPEG, 0);
  writeStamp(jpeg, { sequence: 7, capturedAt: micros(9) });
  const moved = Buffer.concat([JPEG.subarray(0, 8), jpeg.subarray(2)]);
  expect(readStamp(moved)).toEqual({ sequence: 7, capturedAt: 9 });
});

test("any other bytes have no stamp", () => {
  expect(readStamp(JPEG)).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => readStamp(bytes) === undefined));
});
