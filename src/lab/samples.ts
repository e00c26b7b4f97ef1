import type { Shown } from "./viewer.ts";

/** One picture that a viewer was shown. */
export interface Sample {
  /** When, in ms since the measurement began. */
  readonly atMs: number;
  /** Since its capture. */
  readonly ageMs: number;
  readonly sequence: number;
  /** What it came as: a track's name, or how a rival calls it. */
  readonly track: string;
}

/** What a viewer was shown in one measurement. */
export interface Showing {
  readonly durationMs: number;
  /** In order: the pictures that tell when they were captured. */
  readonly samples: readonly Sample[];
  /** The last of them from before the measurement, which is on the screen as it begins. */
  readonly before: Sample | undefined;
  /** How many others there were. */
  readonly unstamped: number;
}

/** What the samples of one measurement say. */
export interface Summary {
  /** Stamped or not. */
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly switches: number;
  /** `undefined` where the pictures do not tell: see {@link encodesAnew}. */
  readonly ages: Ages | undefined;
}

/** How old pictures were. */
export interface Ages {
  /** `undefined` if none came. */
  readonly p50Ms: number | undefined;
  /** `undefined` if fewer than {@link P99_FRAMES} came: it would be little else than the highest. */
  readonly p99Ms: number | undefined;
  /** `undefined` if none came. */
  readonly maxMs: number | undefined;
  /** The oldest that the picture on the screen ever was: while nothing comes it ages too. */
  readonly oldestShownMs: number;
}

/** Pictures from which on a 99th percentile is told. */
export const P99_FRAMES = 200;

/** Pictures without a stamp that any program may show, such as one that says that there is no camera yet: so many, or that part. */
const FEW_UNSTAMPED = 3;
const FEW_UNSTAMPED_SHARE = 0.01;

/** What of `pictures` was shown from `from` until `to`, both in µs. */
export function showing(pictures: readonly Shown[], from: number, to: number): Showing {
  const samples: Sample[] = [];
  let before: Sample | undefined;
  let unstamped = 0;
  for (const { capturedAt, shownAt, sequence, track } of pictures) {
    if (shownAt > to) continue;
    if (capturedAt === undefined) {
      if (shownAt >= from) unstamped++;
      continue;
    }
    const sample = { atMs: (shownAt - from) / 1000, ageMs: (shownAt - capturedAt) / 1000, sequence, track };
    if (shownAt >= from) samples.push(sample);
    else before = sample;
  }
  return { durationMs: (to - from) / 1000, samples, before, unstamped };
}

/** Whether so many pictures have lost the camera's stamp that the others do not tell how old they all were. */
export function encodesAnew({ samples, unstamped }: Showing): boolean {
  const few = Math.max(FEW_UNSTAMPED, FEW_UNSTAMPED_SHARE * samples.length);
  return unstamped > few || (unstamped > 0 && samples.length === 0);
}

/** Sum up a measurement. */
export function summarize(showing: Showing): Summary {
  const { durationMs, samples, before, unstamped } = showing;
  const frames = samples.length + unstamped;
  const tracks = [...(before === undefined ? [] : [before]), ...samples].map(({ track }) => track);
  return {
    frames,
    framesPerSecond: (frames * 1000) / durationMs,
    switches: tracks.filter((track, i) => i > 0 && track !== tracks[i - 1]).length,
    ages: encodesAnew(showing) ? undefined : agesOf(showing),
  };
}

function agesOf({ durationMs, samples, before }: Showing): Ages {
  const ages = Float64Array.from(samples, ({ ageMs }) => ageMs).sort();
  const quantile = (share: number): number | undefined =>
    ages[Math.min(ages.length - 1, Math.floor(share * ages.length))];
  // A screen that is empty when it begins is as old as the measurement.
  let shown: Pick<Sample, "atMs" | "ageMs"> = before ?? { atMs: 0, ageMs: 0 };
  let oldestShownMs = 0;
  for (const next of [...samples, { atMs: durationMs, ageMs: 0 }]) {
    oldestShownMs = Math.max(oldestShownMs, shown.ageMs + next.atMs - shown.atMs);
    shown = next;
  }
  return {
    p50Ms: quantile(0.5),
    p99Ms: samples.length < P99_FRAMES ? undefined : quantile(0.99),
    maxMs: quantile(1),
    oldestShownMs,
  };
}
