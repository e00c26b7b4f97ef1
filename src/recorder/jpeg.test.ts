import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { complete, isWhole, STANDARD_TABLES, size } from "./jpeg.ts";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

// A picture of 16 x 8 pixels, as far as this module looks: start, comment, frame header, scan, data, end.
const START = "ffd8 fffe0004 6869";
const FRAME = "ffc0000b 08 0008 0010 01 012200";
const TABLES = "ffc40003 00";
const SCAN = "ffda0008 0101 0000 3f00 12ff0034";
const WHOLE = bytes(`${START}${TABLES}${FRAME}${SCAN}ffd9`);

describe("a picture that is whole", () => {
  test("is not touched", () => {
    expect(complete(WHOLE)).toBe(WHOLE);
    expect(isWhole(WHOLE)).toBe(true);
    expect(size(WHOLE)).toEqual({ width: 16, height: 8 });
  });

  test("may have zeros behind its end and fill bytes before a marker", () => {
    const padded = bytes(`ffd8ffff${FRAME.slice(2)}${TABLES}${SCAN}ffd9000000`);
    expect(complete(padded)).toBe(padded);
  });
});

test.each([
  ["nothing", ""],
  ["no start", `${FRAME}${TABLES}${SCAN}ffd9`],
  ["no end", `${START}${TABLES}${FRAME}${SCAN}`],
  ["half of its end", `${START}${TABLES}${FRAME}${SCAN}ff`],
  ["no picture", `${START}${TABLES}ffd9`],
  ["no size", `${START}${TABLES}${SCAN}ffd9`],
  ["a segment that ends behind the picture", `${START}ffc4ffff${FRAME}${SCAN}ffd9`],
  ["a segment shorter than its length", `${START}ffc40001${FRAME}${SCAN}ffd9`],
  ["garbage between segments", `${START}1234${FRAME}${SCAN}ffd9`],
])("a picture with %s is not whole", (_what, hex) => {
  expect(isWhole(bytes(hex))).toBe(false);
  expect(complete(bytes(hex))).toBeUndefined();
});

test("a picture without Huffman tables gets the standard ones in front of its scan", () => {
  const completed = complete(bytes(`${START}${FRAME}${SCAN}ffd9`));
  const expected = Buffer.concat([bytes(`${START}${FRAME}`), STANDARD_TABLES, bytes(`${SCAN}ffd9`)]);
  expect(Buffer.from(completed ?? [])).toEqual(expected);
});

test("the standard tables have the form of T.81 and the content of its Annex K.3", () => {
  expect(STANDARD_TABLES.byteLength).toBe(420);
  expect(Buffer.from(STANDARD_TABLES.subarray(0, 4)).toString("hex")).toBe("ffc401a2");
  // Each table: class and number, 16 counts of codes by length, then one value per code, no value twice.
  const found: number[] = [];
  for (let at = 4; at < STANDARD_TABLES.byteLength; ) {
    const counts = [...STANDARD_TABLES.subarray(at + 1, at + 17)];
    const total = counts.reduce((sum, count) => sum + count, 0);
    const values = STANDARD_TABLES.subarray(at + 17, at + 17 + total);
    // Kraft: the codes of these lengths exist, and the one of all ones is left free.
    expect(counts.reduce((sum, count, length) => sum + count / 2 ** (length + 1), 0)).toBeLessThan(1);
    expect(new Set(values).size).toBe(total);
    found.push(STANDARD_TABLES[at] ?? -1, total);
    at += 17 + total;
  }
  expect(found).toEqual([0x00, 12, 0x10, 162, 0x01, 12, 0x11, 162]);
  expect(createHash("sha256").update(STANDARD_TABLES).digest("hex")).toBe(
    "06ead79f18b4b18186f3ffeb1c8fbb68b659ec6d7ecde7fc139221b54af01448",
  );
});
