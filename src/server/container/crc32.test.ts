import { expect, test } from "vitest";
import { crc32 } from "./crc32.ts";

test("the check value of CRC-32/MPEG-2, of the digits 1 to 9", () => {
  expect(crc32(Buffer.from("123456789"))).toBe(0x0376e6e7);
});

test("over bytes and their check is 0", () => {
  expect(crc32(Buffer.from("3132333435363738390376e6e7", "hex"))).toBe(0);
});
