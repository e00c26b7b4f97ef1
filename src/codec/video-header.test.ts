import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readAv1Sequence } from "./av1.ts";
import { readVp9Size } from "./vp9.ts";

/** Bits, typed by hand; spaces part the fields. */
function bits(text: string): Uint8Array {
  const all = text.replaceAll(/\s/g, "");
  const padded = all.padEnd(Math.ceil(all.length / 8) * 8, "0");
  return Uint8Array.from(padded.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}
const binary = (value: number, count: number): string => value.toString(2).padStart(count, "0");

describe("VP9", () => {
  // marker 10 | profile 0: 00 | existing 0 | key 0 | show 1 | resilient 0 | sync | colour space 2: 010 | range 0 | sizes
  const SYNC = "01001001 10000011 01000010";
  const size = (width: number, height: number): string => binary(width - 1, 16) + binary(height - 1, 16);

  test.each([
    ["of profile 0", `10 00 0 0 1 0 ${SYNC} 010 0 ${size(1280, 720)}`],
    ["of profile 1", `10 10 0 0 1 0 ${SYNC} 010 0 11 0 ${size(1280, 720)}`],
    ["of profile 2", `10 01 0 0 1 0 ${SYNC} 0 010 0 ${size(1280, 720)}`],
    ["of profile 3 in sRGB", `10 11 0 0 0 1 0 ${SYNC} 1 111 0 ${size(1280, 720)}`],
  ])("a keyframe %s says its size", (_, frame) => {
    expect(readVp9Size(bits(frame))).toEqual({ width: 1280, height: 720 });
  });

  test.each([
    ["a delta", `10 00 0 1 1 0 ${SYNC} 010 0 ${size(1280, 720)}`],
    ["a frame shown again", "10 00 1 000"],
    ["another codec", `01 00 0 0 1 0 ${SYNC}`],
    ["a broken sync code", "10 00 0 0 1 0 00000000 00000000 00000000"],
    ["nothing", ""],
  ])("%s says none", (_, frame) => {
    expect(readVp9Size(bits(frame))).toBeUndefined();
  });
});

describe("AV1", () => {
  /** Behind a temporal delimiter (type 2). */
  const unit = (header: string): Uint8Array => {
    const body = bits(header);
    return Uint8Array.of(0x12, 0x00, 0x0a, body.length, ...body, 0x32, 0x01, 0x10);
  };
  // 11 bits for 1279, 10 bits for 719.
  const SIZE = `1010 1001 ${binary(1279, 11)} ${binary(719, 10)}`;
  // No frame ids 0 | 000 | 0000 | ordered 1 00 | screen content chosen 1, integer chosen 1 | 110 | 000
  const TOOLS = "0 000 0000 1 00 1 1 110 000";

  test.each([
    ["plain", `000 0 0 0 0 00000 ${"0".repeat(12)} 00101 ${SIZE} ${TOOLS} 0`, "av01.0.05M.08"],
    [
      "of ten bits in the high tier",
      `000 0 0 0 0 00000 ${"0".repeat(12)} 01101 1 ${SIZE} ${TOOLS} 1`,
      "av01.0.13H.10",
    ],
    ["of a still picture", `000 1 1 00101 ${SIZE} 000 000 0`, "av01.0.05M.08"],
    [
      "with clocks and a display delay",
      `000 0 0 1 ${"0".repeat(63)}1 1 010 1 00111 ${"0".repeat(32)} 00000 00000 1 00000 ${"0".repeat(12)} 00101 ` +
        `1 ${"0".repeat(17)} 1 0011 ${SIZE} ${TOOLS} 0`,
      "av01.0.05M.08",
    ],
  ])("a sequence %s says codec and size", (_, header, codec) => {
    expect(readAv1Sequence(unit(header))).toEqual({ codec, size: { width: 1280, height: 720 } });
  });

  test("a delta says nothing", () => {
    expect(readAv1Sequence(Uint8Array.of(0x12, 0x00, 0x32, 0x02, 0x10, 0x00))).toBeUndefined();
    expect(readAv1Sequence(new Uint8Array(0))).toBeUndefined();
  });
});

test("any bytes are read to the end, and not beyond", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      readVp9Size(bytes);
      readAv1Sequence(bytes);
    }),
  );
});
