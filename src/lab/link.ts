import type { Conditions } from "./bottleneck.ts";
import { type LinkConditions, LinkShaper } from "./link-shaper.ts";
import type { RateStep } from "./rate-schedule.ts";

/** A queue holds this much of the link's time, as in a home router that somebody has taken care of. */
const QUEUE_MS = 100;

/** The least and the most that a queue holds. */
const MIN_QUEUE_BYTES = 16 * 1024;
const MAX_QUEUE_BYTES = 4 * 1024 * 1024;

const LOOPBACK = "127.0.0.1";

/** A link in the words of a person: the same in both directions, but that only the way down is narrow. */
export interface Link {
  /** Bits a second from the server to the viewer. Default: no limit. */
  readonly bitsPerSecond?: number;
  /** Later rates; times count from the start of the measurement. */
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

/** A link, ready to be used: where the programs behind it run, and how a viewer reaches them. */
export interface OpenLink extends AsyncDisposable {
  /** Words in front of a command that shall run behind the link. */
  readonly prefix: readonly string[];
  /** The address that a server behind it listens on. */
  readonly listenHost: string;
  /** The address of this side without the link in between: for the camera. */
  readonly cameraHost: string;
  /** The address of this side as it is reached from behind the link, over it. */
  readonly viewerHost: string;
  /** Why it is not the link that it should be by now, in a sentence; `undefined` while it is. */
  readonly failure: string | undefined;
  /** Bytes that have come to the viewers. */
  downBytes(): number;
  /** Where a viewer reaches the server on `port`. */
  reach(port: number): Promise<{ readonly host: string; readonly port: number }>;
  /** From now on its changes count: until now it was as at its beginning. */
  start(): void;
}

/** A link that a proxy on loopback plays. */
export async function openProxyLink(link: Link): Promise<OpenLink> {
  const shaper = new LinkShaper(linkConditions(link));
  return {
    prefix: [],
    listenHost: LOOPBACK,
    cameraHost: LOOPBACK,
    viewerHost: LOOPBACK,
    failure: undefined,
    downBytes: () => shaper.carried.downBytes,
    reach: async (port) => ({ host: LOOPBACK, port: await shaper.forward(port) }),
    start: () => shaper.start(),
    [Symbol.asyncDispose]: () => shaper[Symbol.asyncDispose](),
  };
}

/** The conditions of both directions. */
export function linkConditions(link: Link): LinkConditions {
  const first = link.bitsPerSecond ?? Number.POSITIVE_INFINITY;
  const common = {
    delayMs: (link.roundTripMs ?? 0) / 2,
    jitterMs: link.jitterMs ?? 0,
    queueBytes: queueBytes(link),
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

/** Bytes that may wait at the bottleneck. */
export function queueBytes({ bitsPerSecond, queueBytes }: Link): number {
  const worth = ((bitsPerSecond ?? Number.POSITIVE_INFINITY) / 8000) * QUEUE_MS;
  return queueBytes ?? Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, worth));
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
