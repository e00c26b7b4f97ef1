import type { Faults } from "./faults.ts";
import { nearest } from "./nearest.ts";
import type { Entry } from "./yaml-file.ts";

/** Say of every key that is none of `known`, and answer the others by name. */
export function knownKeys(
  entries: readonly Entry[],
  known: Iterable<string>,
  path: readonly string[],
  faults: Faults,
): ReadonlyMap<string, Entry> {
  const names = [...known];
  const found = new Map<string, Entry>();
  for (const entry of entries) {
    if (names.includes(entry.key)) found.set(entry.key, entry);
    else
      faults.add(unknownKey(entry.key, names), entry.place, path.length === 0 ? undefined : path.join("."));
  }
  return found;
}

function unknownKey(key: string, known: readonly string[]): string {
  const near = nearest(key, known);
  return `unknown key "${key}": ${near === undefined ? `expected ${known.join(", ")}` : `did you mean "${near}"?`}`;
}
