import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { isLinkLocal } from "../address-range.ts";

/** What a certificate of this machine is for. */
export interface OwnNames {
  /** Names, in small letters. */
  readonly names: readonly string[];
  /** IP addresses, without zones. */
  readonly addresses: readonly string[];
}

/** Names and addresses of one certificate. A machine with hundreds of virtual interfaces needs not all of them. */
const MAX_NAMES = 100;

const NAME = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/**
 * Every name and address by which a browser of the network may call this machine: its own, `NAME.local` (mDNS), its name in the
 * domains in which this machine looks names up, and what the user listens on.
 */
export function ownNames(host: string): OwnNames {
  const own = hostname().toLowerCase();
  const short = own.split(".")[0] ?? own;
  const named = isIP(host) === 0 ? [host.toLowerCase()] : [];
  const names = [
    "localhost",
    own,
    short,
    `${short}.local`,
    ...domains().map((domain) => `${short}.${domain}`),
  ];
  const interfaces = Object.values(networkInterfaces()).flatMap((some) => some ?? []);
  const addresses = interfaces.map(({ address }) => address.split("%")[0] ?? address);
  return {
    names: unique([...names, ...named].filter((name) => NAME.test(name))),
    // No browser takes an address that needs a zone.
    addresses: unique(["127.0.0.1", "::1", ...addresses.filter((address) => !isLinkLocal(address))]),
  };
}

/** The search domains of the resolver, where there is such a file. */
function domains(): string[] {
  try {
    const lines = readFileSync("/etc/resolv.conf", "utf8").split("\n");
    const found = lines.flatMap(
      (line) => /^\s*(?:search|domain)\s+(.+)$/.exec(line)?.[1]?.split(/\s+/) ?? [],
    );
    return found.map((domain) => domain.toLowerCase().replace(/\.$/, ""));
  } catch {
    return [];
  }
}

function unique(all: readonly string[]): string[] {
  return [...new Set(all)].slice(0, MAX_NAMES);
}
