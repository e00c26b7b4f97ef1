/** What each kind of thread of some processes uses, read from /proc. */

import { list, read } from "./proc-files.ts";

/** Seconds of CPU by what a thread is called, until now. Threads that have ended are not counted. */
export function threadSeconds(pids: readonly number[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const pid of pids) {
    for (const task of list(`/proc/${pid}/task`)) {
      // Threads of a pool are numbered.
      const name = read(`/proc/${pid}/task/${task}/comm`)
        .trim()
        .replace(/[/#-]?\d+$/, "");
      const seconds = Number(read(`/proc/${pid}/task/${task}/schedstat`).split(" ")[0] ?? 0) / 1e9;
      found.set(name, (found.get(name) ?? 0) + seconds);
    }
  }
  return found;
}

/** The most of what was used between two times, as `name 12 %` of a core, the largest first. */
export function largest(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
  seconds: number,
): string {
  return [...after]
    .map(([name, used]) => ({ name, share: (used - (before.get(name) ?? 0)) / seconds }))
    .filter(({ share }) => share >= 0.01)
    .sort((a, b) => b.share - a.share)
    .map(({ name, share }) => `${name} ${(100 * share).toFixed(0)} %`)
    .join(", ");
}
