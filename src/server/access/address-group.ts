import { isIPv6 } from "node:net";

/** Groups of an IPv6 address that its provider gives: a customer has the rest to itself, and may change it at will. */
const PREFIX_GROUPS = 4;

/** Who is behind an address: an IPv4 address, or the first 64 bits of an IPv6 address. */
export function addressGroup(address: string): string {
  const plain = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  // A dotted ending stands for two groups; it never reaches into the prefix but by its length.
  const backLength = back.length + (back.at(-1)?.includes(".") === true ? 1 : 0);
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - front.length - backLength);
  const groups = [...front, ...Array.from({ length: zeros }, () => "0"), ...back].slice(0, PREFIX_GROUPS);
  return `${groups.map((group) => group.replace(/^0+(?=.)/, "")).join(":")}::/64`;
}
