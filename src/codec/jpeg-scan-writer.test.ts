import { describe, expect, test } from "vitest";
import { bitLength, JpegScanWriter } from "./jpeg-scan-writer.ts";

function hexOf(...fields: readonly (readonly [value: number, count: number])[]): string {
  const scan = new JpegScanWriter();
  for (const [value, count] of fields) scan.bits(value, count);
  return Buffer.from(scan.end()).toString("hex");
}

describe("a scan", () => {
  test("has its bits in their order, across bytes, the first uppermost", () => {
    expect(hexOf([0b1, 1], [0b0110, 4], [0, 0], [0b1010_0000_0001, 12], [0b110, 3], [0b0001, 4])).toBe(
      "b500e1",
    );
    expect(hexOf([0x1234, 16], [0, 4], [0xabcd, 16], [0x7, 4])).toBe("12340abcd7");
  });

  test.each([
    ["nothing", [], ""],
    ["a bit", [[0, 1]], "7f"],
    ["seven", [[0x55, 7]], "ab"],
    ["whole bytes, which need none", [[0x55, 8]], "55"],
  ] as const)("is filled up with ones: %s", (_, fields, hex) => {
    expect(hexOf(...fields)).toBe(hex);
  });

  test("holds no marker: behind ff stands 00, also at its end", () => {
    expect(hexOf([0xffd9, 16])).toBe("ff00d9");
    expect(hexOf([0xf, 4], [0xffff, 16], [0x0, 4])).toBe("ff00ff00f0");
    expect(hexOf([0xff00, 16])).toBe("ff0000");
    expect(hexOf([0x1f, 5])).toBe("ff00");
  });
});

// Table F.1 of ITU-T T.81 begins like this.
test.each([
  [0, ""],
  [-1, "0"],
  [1, "1"],
  [-3, "00"],
  [-2, "01"],
  [2, "10"],
  [3, "11"],
  [-7, "000"],
  [-4, "011"],
  [4, "100"],
  [7, "111"],
  [-2047, "00000000000"],
  [1024, "10000000000"],
])("a number is written as the standard's table has it: %i", (value, bits) => {
  expect(bitLength(value)).toBe(bits.length);
  const scan = new JpegScanWriter();
  scan.number(value);
  // Zeros behind it: ones would be filled up to ff.
  scan.bits(0, 16 - bits.length);
  const written = Array.from(scan.end(), (byte) => byte.toString(2).padStart(8, "0")).join("");
  expect(written).toBe(bits.padEnd(16, "0"));
});
