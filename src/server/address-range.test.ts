import { isIPv4, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressRanges, addressBytes, PRIVATE_RANGES, parseRange, plainAddress } from "./address-range.ts";

describe("a range", () => {
  test.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["fd00::/8", "fd12::1%eth0", true],
    ["fd00::/8", "fe80::1", false],
    ["0.0.0.0/0", "::1", false],
    ["0.0.0.0/0", "nonsense", false],
  ])("%s has %s: %s", (range, address, has) => {
    expect(new AddressRanges([parseRange(range)]).has(address)).toBe(has);
  });

  test.each(["", "10.0.0.0/33", "10.0.0.0/8/8", "fd00::/129", "10.0.0.0/x", "home.example", "10.0.0"])(
    "%j is none",
    (text) => expect(() => parseRange(text)).toThrow(/no address: expected one such as/),
  );

  test("of private networks has no public address", () => {
    const ranges = new AddressRanges(PRIVATE_RANGES);
    for (const address of ["8.8.8.8", "172.32.0.1", "2001:db8::1"]) expect(ranges.has(address)).toBe(false);
    for (const address of ["192.168.178.20", "172.31.0.1", "fd00::2"]) expect(ranges.has(address)).toBe(true);
  });
});

test("the bytes of an address are those that it is written with", () => {
  expect([...addressBytes("192.0.2.7")]).toEqual([192, 0, 2, 7]);
  expect(addressBytes("2001:db8::1:0").toString("hex")).toBe("20010db8000000000000000000010000");
  expect(addressBytes("::ffff:1.2.3.4").toString("hex")).toBe("00000000000000000000ffff01020304");
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
      const bytes = addressBytes(address);
      expect(bytes).toHaveLength(isIPv4(address) ? 4 : 16);
      const hex = bytes.toString("hex").replace(/(.{4})(?=.)/g, "$1:");
      const again = isIPv4(address) ? [...bytes].join(".") : hex;
      const family = isIPv4(address) ? "ipv4" : "ipv6";
      const canonical = (text: string): string => new SocketAddress({ address: text, family }).address;
      expect(canonical(again)).toBe(canonical(address));
    }),
  );
});

test("an address is plain without its zone, and IPv4 where it is that", () => {
  expect(plainAddress("fe80::1%eth0")).toBe("fe80::1");
  expect(plainAddress("::FFFF:10.0.0.1")).toBe("10.0.0.1");
});
