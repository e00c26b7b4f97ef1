import type { Bus } from "../bus/index.ts";
import type { Micros } from "../protocol/index.ts";
import type { Family } from "./metrics/family.ts";

/** What a server knows of one track because it takes it. */
export interface TrackFacts {
  readonly track: string;
  readonly framesPerSecond: number;
  readonly bytesPerSecond: number;
  readonly overwritten: number;
  readonly viewers: number;
  /** Of the newest frame; absent if there is none. */
  readonly sequence?: number | undefined;
  /** Of the newest frame; absent if there is none. */
  readonly capturedAt?: Micros | undefined;
}

/** Who is served, and what is known of the tracks of one camera. */
export interface Tally {
  /** WebSockets. */
  readonly viewers: number;
  /** Of the camera that was asked for; empty if none was. */
  readonly tracks: readonly TrackFacts[];
  /** Of each process after the other, if they were asked for. */
  readonly metrics?: readonly Family[] | undefined;
}

/** What a {@link Census} is asked for, beside the viewers. It travels between processes. */
export interface CensusQuestion {
  /** The tracks of this camera. */
  readonly camera?: string;
  /** All that the processes have counted. */
  readonly metrics?: true;
}

/** Tells the {@link Tally} of a whole server: that of one process, or of all that share its port. */
export type Census = (question: CensusQuestion) => Tally | Promise<Tally>;

/** The tally of one process. */
export function ownTally(bus: Bus, viewers: number, { camera }: CensusQuestion): Tally {
  if (camera === undefined) return { viewers, tracks: [] };
  const tracks = bus.figures(camera).map(({ newest, subscribers, ...figures }) => ({
    ...figures,
    viewers: subscribers,
    sequence: newest?.sequence,
    capturedAt: newest?.capturedAt,
  }));
  return { viewers, tracks };
}

/**
 * What several processes know together. Each saw the same frames, if it took the track at all: the rate is that of the
 * one who saw the most, and the newest frame is that of the one who is furthest; viewers and losses are summed.
 */
export function sumTallies(tallies: readonly Tally[]): Tally {
  const tracks = new Map<string, TrackFacts>();
  for (const facts of tallies.flatMap((tally) => tally.tracks)) {
    const known = tracks.get(facts.track);
    tracks.set(facts.track, known === undefined ? facts : sumFacts(known, facts));
  }
  const metrics = tallies.flatMap((tally) => tally.metrics ?? []);
  return {
    viewers: tallies.reduce((sum, { viewers }) => sum + viewers, 0),
    tracks: [...tracks.values()],
    ...(metrics.length === 0 ? {} : { metrics }),
  };
}

function sumFacts(a: TrackFacts, b: TrackFacts): TrackFacts {
  const { sequence, capturedAt } = (a.capturedAt ?? 0) >= (b.capturedAt ?? 0) ? a : b;
  return {
    track: a.track,
    framesPerSecond: Math.max(a.framesPerSecond, b.framesPerSecond),
    bytesPerSecond: Math.max(a.bytesPerSecond, b.bytesPerSecond),
    overwritten: a.overwritten + b.overwritten,
    viewers: a.viewers + b.viewers,
    sequence,
    capturedAt,
  };
}
