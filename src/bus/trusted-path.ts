import { lstatSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Why the folder of a local socket cannot be trusted, in one sentence; `undefined` if it can. Whoever owns the folder can put a socket of
 * his own in the place of ours, and would be sent all pictures. One that is not there is no danger.
 */
export function distrustFolder(path: string): string | undefined {
  const folder = dirname(path);
  const itself = facts(folder, lstatSync);
  if (itself === undefined) return undefined;
  if (!isTrusted(itself)) {
    const what = itself.isSymbolicLink() ? "is a link of another user" : "belongs to another user";
    return `${folder} ${what} (${itself.uid}): expected a folder of yours (--mapper names another)`;
  }
  const target = facts(folder, statSync);
  if (target === undefined || isTrusted(target)) return undefined;
  return `${folder} leads to a folder of another user (${target.uid}): expected one of yours`;
}

/** Why a local socket that is there cannot be trusted; `undefined` if it can. */
export function distrustSocket(path: string): string | undefined {
  const found = facts(path, lstatSync);
  if (found !== undefined && !isTrusted(found)) {
    return `${path} belongs to another user (${found.uid}): expected a socket of yours`;
  }
  return distrustFolder(path);
}

// Who is root, or is whom one trusts with everything, may be trusted with this.
function isTrusted({ uid }: Stats): boolean {
  const own = process.getuid?.();
  return own === undefined || uid === own || uid === 0;
}

function facts(path: string, read: (path: string) => Stats): Stats | undefined {
  try {
    return read(path);
  } catch {
    return undefined;
  }
}
