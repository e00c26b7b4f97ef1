import { BlockList, isIP, isIPv4 } from "node:net";

/** A range of IP addresses: an address and how many of its bits count. */
export interface AddressRange {
  readonly address: string;
  readonly bits: number;
}

/** Addresses of networks that are nobody's own: the same ones are in use at every home. */
export const PRIVATE_RANGES: readonly AddressRange[] = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  // Between a provider and its customers, and in overlay networks.
  "100.64.0.0/10",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
].map(parseRange);

/**
 * Read `ADDRESS` or `ADDRESS/BITS`.
 * @throws RangeError that says what was expected
 */
export function parseRange(text: string): AddressRange {
  const [address = "", bits, ...rest] = text.trim().split("/");
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  const count = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  if (family === 0 || rest.length > 0 || !(count <= most)) {
    throw new RangeError(`${text} is no address: expected one such as 192.168.0.2 or 10.0.0.0/8`);
  }
  return { address, bits: count };
}

/** Whether an address is in one of the ranges. An IPv4 address inside an IPv6 one is the IPv4 address. */
export class AddressRanges {
  readonly #list = new BlockList();

  constructor(ranges: readonly AddressRange[]) {
    for (const { address, bits } of ranges) this.#list.addSubnet(address, bits, family(address));
  }

  /** Whether it is. What is no address is not. */
  has(address: string): boolean {
    const plain = plainAddress(address);
    return isIP(plain) !== 0 && this.#list.check(plain, family(plain));
  }
}

/** An address as people write it: without a zone, IPv4 where it is that inside IPv6. */
export function plainAddress(address: string): string {
  const unzoned = address.split("%")[0] ?? address;
  const inside = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned)?.[1];
  return inside ?? unzoned;
}

/** The bytes of an address, 4 or 16. */
export function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  // The WHATWG parser writes every IPv6 address in the same way: groups of hex digits and at most one gap.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = "", tail] = canonical.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(head), groups(tail ?? "")];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

/** Whether an IPv6 address means something on one link only. */
export function isLinkLocal(address: string): boolean {
  return LINK_LOCAL.has(address);
}

const LINK_LOCAL = new AddressRanges([parseRange("fe80::/10")]);

function family(address: string): "ipv4" | "ipv6" {
  return isIPv4(address) ? "ipv4" : "ipv6";
}
