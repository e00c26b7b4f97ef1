import fc from "fast-check";
import { expect, test } from "vitest";
import { addressGroup } from "./address-group.ts";
import { Attempts } from "./attempts.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:0db8:0001:0002::1", "2001:db8:1:2::/64"],
  ["2001:DB8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
  ["64:ff9b::192.0.2.7", "64:ff9b:0:0::/64"],
  ["", ""],
])("%s is of %s", (address, group) => {
  expect(addressGroup(address)).toBe(group);
});

test("who changes the last 64 bits of its address stays who it is", () => {
  const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  fc.assert(
    fc.property(
      fc.array(word, { minLength: 4, maxLength: 4 }),
      fc.array(word, { minLength: 4, maxLength: 4 }),
      (a, b) => {
        const prefix = ["2001", "db8", "1", "2"];
        expect(addressGroup([...prefix, ...a].join(":"))).toBe(addressGroup([...prefix, ...b].join(":")));
      },
    ),
  );
});

test("ten failures are free; each further one waits for its time", () => {
  const attempts = new Attempts();
  for (let n = 0; n < 10; n++) {
    expect(attempts.waitSeconds("192.0.2.1", 0)).toBe(0);
    attempts.charge("192.0.2.1", 0);
  }
  expect(attempts.waitSeconds("192.0.2.1", 0)).toBe(30);
  expect(attempts.waitSeconds("192.0.2.2", 0)).toBe(0);
  expect(attempts.waitSeconds("192.0.2.1", 20_000)).toBe(10);
  expect(attempts.waitSeconds("192.0.2.1", 30_000)).toBe(0);
  attempts.charge("192.0.2.1", 30_000);
  expect(attempts.waitSeconds("192.0.2.1", 30_000)).toBe(30);
  expect(attempts.waitSeconds("192.0.2.1", 400_000)).toBe(0);
});

test("what was no failure is given back", () => {
  const attempts = new Attempts();
  for (let n = 0; n < 100; n++) {
    attempts.charge("192.0.2.1", 0);
    attempts.refund("192.0.2.1", 0);
  }
  expect(attempts.waitSeconds("192.0.2.1", 0)).toBe(0);
  expect(attempts.size).toBe(0);
});

test("no number of addresses takes more memory than its bound, and who tries most recently is remembered", () => {
  const attempts = new Attempts();
  for (let n = 0; n < 10; n++) attempts.charge("192.0.2.1", 0);
  for (let n = 0; n < 30_000; n++) {
    attempts.charge(`2001:db8:${(n >> 8).toString(16)}:${(n & 255).toString(16)}::1`, 0);
    if (n % 1000 === 0) attempts.charge("192.0.2.1", 0);
  }
  expect(attempts.size).toBe(10_000);
  expect(attempts.waitSeconds("192.0.2.1", 0)).toBeGreaterThan(0);
});
