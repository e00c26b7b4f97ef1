import type { Link } from "./link.ts";
import type { Sample } from "./samples.ts";

/**
 * A picture is live if it is no older than this, in ms: the same for all, whatever they were like before. The link before a slump
 * takes 100 ms for a JPEG and its queue as much again.
 */
export const LIVE_MS = 500;

/**
 * Full quality is back when it stays so long, in ms: behind a slump the queues are empty for a moment, and a program that is always
 * late shows a picture or two that are not.
 */
const STEADY_MS = 2_000;

/** When a link got worse, and when it was as before again, in ms since the measurement began. */
export interface Slump {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was on the screen before a slump. */
export interface Before {
  /** The last one. */
  readonly track: string;
  /** The highest age, in ms. */
  readonly oldestMs: number;
}

/** The slump of a link whose rate falls and comes back; `undefined` of any other. */
export function slumpOf({ bitsPerSecond, changes = [] }: Link): Slump | undefined {
  const [first, last] = [changes[0], changes.at(-1)];
  if (bitsPerSecond === undefined || first === undefined || last === undefined) return undefined;
  if (first.bitsPerSecond >= bitsPerSecond || last.bitsPerSecond < bitsPerSecond) return undefined;
  return { fromMs: first.fromMs, toMs: last.fromMs };
}

/** What came before the slump; `undefined` if nothing did. */
export function beforeSlump(samples: readonly Sample[], { fromMs }: Slump): Before | undefined {
  const before = samples.filter(({ atMs }) => atMs < fromMs);
  const track = before.at(-1)?.track;
  if (track === undefined) return undefined;
  return { track, oldestMs: Math.max(...before.map(({ ageMs }) => ageMs)) };
}

/**
 * Ms from the recovery of the link to the first picture of two seconds in which all have the camera's full size and none is older
 * than {@link LIVE_MS}, whatever was shown before the slump. `undefined` if there is none until `endMs`.
 */
export function recoveryMs(samples: readonly Sample[], { toMs }: Slump, endMs: number): number | undefined {
  let backMs: number | undefined;
  for (const { atMs, ageMs, track } of samples.filter((sample) => sample.atMs >= toMs)) {
    if (backMs !== undefined && atMs - backMs >= STEADY_MS) break;
    backMs = isFull(track) && ageMs <= LIVE_MS ? (backMs ?? atMs) : undefined;
  }
  return backMs === undefined || endMs - backMs < STEADY_MS ? undefined : backMs - toMs;
}

// Smaller ones have their height in their name. A page that does not say what it shows gets no credit for it.
function isFull(track: string): boolean {
  return track !== "unknown" && !/-\d+p$/.test(track);
}
