import type { Link } from "./link.ts";
import type { Sample } from "./samples.ts";

/** When a link got worse, and when it was as before again, in ms since the measurement began. */
export interface Slump {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The slump of a link whose rate falls and comes back; `undefined` of any other. */
export function slumpOf({ bitsPerSecond, changes = [] }: Link): Slump | undefined {
  const [first, last] = [changes[0], changes.at(-1)];
  if (bitsPerSecond === undefined || first === undefined || last === undefined) return undefined;
  if (first.bitsPerSecond >= bitsPerSecond || last.bitsPerSecond < bitsPerSecond) return undefined;
  return { fromMs: first.fromMs, toMs: last.fromMs };
}

/**
 * Ms from the recovery of the link to the first picture as good as those before: of the same track, and no older than the oldest of
 * them. `undefined` if there is none.
 */
export function recoveryMs(samples: readonly Sample[], { fromMs, toMs }: Slump): number | undefined {
  const before = samples.filter(({ atMs }) => atMs < fromMs);
  const best = before.at(-1)?.track;
  const oldestMs = Math.max(...before.map(({ ageMs }) => ageMs));
  const back = samples.find(({ atMs, ageMs, track }) => atMs >= toMs && track === best && ageMs <= oldestMs);
  return back === undefined ? undefined : back.atMs - toMs;
}
