/** Things by what they have in common, both in the order in which they come. */
export function groupBy<T>(things: readonly T[], common: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const key = common(thing);
    groups.set(key, [...(groups.get(key) ?? []), thing]);
  }
  return groups;
}
