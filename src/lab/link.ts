import type { Conditions } from "./bottleneck.ts";
import type { LinkConditions } from "./link-shaper.ts";
import type { RateStep } from "./rate-schedule.ts";

/** A queue holds this much of the link's time, as in a home router that somebody has taken care of. */
const QUEUE_MS = 100;

/** The least and the most that a queue holds. */
const MIN_QUEUE_BYTES = 16 * 1024;
const MAX_QUEUE_BYTES = 4 * 1024 * 1024;

/** A link in the words of a person: the same in both directions, but that only the way down is narrow. */
export interface Link {
  /** Bits a second from the server to the viewer. Default: no limit. */
  readonly bitsPerSecond?: number;
  /** Later rates. */
  readonly changes?: readonly RateStep[];
  /** Nothing moves, in either direction, between these times. */
  readonly stall?: { readonly fromMs: number; readonly toMs: number };
  /** Of an empty link, half in each direction. */
  readonly roundTripMs?: number;
  /** The most that a packet is late beyond that, one way. */
  readonly jitterMs?: number;
  /** Bytes that wait at the bottleneck. Default: 100 ms of the first rate. */
  readonly queueBytes?: number;
}

/** The conditions of both directions. */
export function linkConditions(link: Link): LinkConditions {
  const first = link.bitsPerSecond ?? Number.POSITIVE_INFINITY;
  const worth = Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, (first / 8000) * QUEUE_MS));
  const common = {
    delayMs: (link.roundTripMs ?? 0) / 2,
    jitterMs: link.jitterMs ?? 0,
    queueBytes: link.queueBytes ?? worth,
  };
  const rates = (steps: readonly RateStep[]): Conditions => ({
    ...common,
    rate: withStall(steps, link.stall),
  });
  return {
    down: rates([{ fromMs: 0, bitsPerSecond: first }, ...(link.changes ?? [])]),
    up: rates([{ fromMs: 0, bitsPerSecond: Number.POSITIVE_INFINITY }]),
  };
}

function withStall(steps: readonly RateStep[], stall: Link["stall"]): readonly RateStep[] {
  if (stall === undefined) return steps;
  const after = steps.findLast(({ fromMs }) => fromMs <= stall.toMs)?.bitsPerSecond ?? 0;
  return [
    ...steps.filter(({ fromMs }) => fromMs < stall.fromMs || fromMs > stall.toMs),
    { fromMs: stall.fromMs, bitsPerSecond: 0 },
    { fromMs: stall.toMs, bitsPerSecond: after },
  ];
}
