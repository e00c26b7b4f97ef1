import { type AddressRange, AddressRanges, addressBytes, PRIVATE_RANGES } from "../address-range.ts";
import type { OwnNames } from "./own-names.ts";

/** Domains that belong to no one in the Internet: reserved for networks at home, or used there by habit. */
const PRIVATE_DOMAINS = ["localhost", "local", "home.arpa", "internal", "lan", "home", "localdomain"];

/** Bits of a public IPv6 address that stay when a machine takes another in the same network. */
const NETWORK_BITS = 64;

/**
 * What an authority may ever speak for. A stolen key of an authority that a phone trusts must not open the phone's bank: its
 * certificate names what it is good for, and browsers keep it to that (RFC 5280 section 4.2.1.10).
 */
export interface Scope {
  /** Each with all names below it. */
  readonly domains: readonly string[];
  readonly ranges: readonly AddressRange[];
}

/** The scope of an authority that is made now: private networks, and what this machine is called at present. */
export function scopeOf({ names, addresses }: OwnNames): Scope {
  const isPrivate = new AddressRanges(PRIVATE_RANGES);
  const publics = addresses.filter((address) => !isPrivate.has(address));
  const domains = names.filter((name) => !isBelow(name, PRIVATE_DOMAINS));
  return {
    domains: [...PRIVATE_DOMAINS, ...domains],
    ranges: [
      ...PRIVATE_RANGES,
      ...publics.map((address) => ({ address, bits: address.includes(":") ? NETWORK_BITS : 32 })),
    ],
  };
}

/** The names inside a scope, and those outside. */
export function divide({ domains, ranges }: Scope, { names, addresses }: OwnNames): [OwnNames, string[]] {
  const list = new AddressRanges(ranges);
  const inside = {
    names: names.filter((name) => isBelow(name, domains)),
    addresses: addresses.filter((address) => list.has(address)),
  };
  const taken = new Set([...inside.names, ...inside.addresses]);
  return [inside, [...names, ...addresses].filter((name) => !taken.has(name))];
}

/** A scope as the name constraints of a certificate, in DER. */
export function nameConstraints({ domains, ranges }: Scope): Buffer {
  const subtrees = [
    ...domains.map((domain) => der(DNS_NAME, Buffer.from(domain))),
    ...ranges.map(({ address, bits }) => der(IP_ADDRESS, masked(addressBytes(address), bits))),
  ];
  const permitted = subtrees.map((subtree) => der(SEQUENCE, subtree));
  return der(SEQUENCE, der(PERMITTED, Buffer.concat(permitted)));
}

// Tags in DER: a sequence, the permitted subtrees in it, and two kinds of a GeneralName.
const SEQUENCE = 0x30;
const PERMITTED = 0xa0;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

/** A range as a certificate has it: an address without its last bits, then the mask. */
function masked(address: Buffer, bits: number): Buffer {
  const mask = Buffer.from(
    address.map((_, index) => 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index)))),
  );
  return Buffer.concat([Buffer.from(address.map((byte, index) => byte & (mask[index] ?? 0))), mask]);
}

function isBelow(name: string, domains: readonly string[]): boolean {
  return domains.some((domain) => name === domain || name.endsWith(`.${domain}`));
}
