import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { join, split, splitByLength } from "./annex-b.ts";
import { NalType, nalType } from "./h264.ts";

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (units: Uint8Array[]): string[] => units.map((unit) => Buffer.from(unit).toString("hex"));

describe("a byte stream", () => {
  test.each([
    ["one behind four bytes", "00 00 00 01 65 88", ["6588"]],
    ["one behind three", "00 00 01 65 88", ["6588"]],
    [
      "both kinds of start code",
      "00 00 00 01 67 42 00 00 01 68 ce 00 00 00 01 65 88",
      ["6742", "68ce", "6588"],
    ],
    ["zeros that trail", "00 00 01 65 88 00 00 00 00", ["6588"]],
    ["zeros before the first start code", "00 00 00 00 00 01 65 88", ["6588"]],
    ["something before the first start code", "ab cd 00 00 01 65 88", ["6588"]],
    ["an escaped start code inside", "00 00 01 65 00 00 03 01 80", ["6500000301 80".replace(" ", "")]],
    ["an empty one, left out", "00 00 01 00 00 01 65", ["65"]],
    ["one byte at the very end", "00 00 01 65 00 00 01 41", ["65", "41"]],
    ["nothing", "", []],
    ["no start code", "65 88 84 21", []],
    ["a start code and no more", "00 00 01", []],
  ])("is cut: %s", (_, stream, units) => {
    expect(hex(split(bytes(stream)))).toEqual(units);
  });

  test("is cut into what it was made of, whatever the start codes", () => {
    // As an encoder leaves them: no start code inside (emulation prevention), no zero at the end.
    const unit = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((raw) => {
      const escaped: number[] = [];
      for (const byte of raw) {
        if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
        escaped.push(byte);
      }
      return new Uint8Array([...escaped, 0x80]);
    });
    const part = fc.tuple(fc.constantFrom("000001", "00000001", "0000000001"), unit);
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const stream = Buffer.concat(parts.flatMap(([code, nal]) => [Buffer.from(code, "hex"), nal]));
        expect(hex(split(stream))).toEqual(hex(parts.map(([, nal]) => nal)));
      }),
    );
  });

  test("of any bytes gives units without a start code inside", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(0, 0, 0, 1, 3, 0x65), { maxLength: 60 }), (raw) => {
        for (const unit of split(new Uint8Array(raw))) {
          expect(Buffer.from(unit).includes(Buffer.from("000001", "hex"))).toBe(false);
          expect(unit.at(-1)).not.toBe(0);
        }
      }),
    );
  });
});

describe("units behind their lengths", () => {
  test("are what start codes were", () => {
    const units = splitByLength(bytes("00000002 6701 00000003 650203"), 4);
    expect(Buffer.from(join(units)).toString("hex")).toBe("00000001670100000001650203");
    expect(split(join(units))).toEqual(units);
  });

  test.each([
    ["a length that reaches beyond the end", "0002 6701 0009 65", 2, ["6701"]],
    ["a length that is cut off", "02 6701 00", 1, ["6701"]],
    ["nothing in one", "0000 0001 65", 2, ["65"]],
    ["three bytes of length", "000002 6701", 3, ["6701"]],
    ["nothing", "", 4, []],
  ])("are cut: %s", (_, text, lengthBytes, units) => {
    expect(hex(splitByLength(bytes(text), lengthBytes))).toEqual(units);
  });
});

test("a NAL unit's type is in its low five bits", () => {
  expect(nalType(bytes("67"))).toBe(NalType.SPS);
  expect(nalType(bytes("28"))).toBe(NalType.PPS);
  expect(nalType(bytes("65"))).toBe(NalType.IDR);
  expect(nalType(bytes("09"))).toBe(NalType.DELIMITER);
});
