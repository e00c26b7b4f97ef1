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

/** What the samples of one measurement say. */
export interface Summary {
  readonly frames: number;
  readonly framesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The oldest that the picture on the screen ever was: while nothing comes it ages too. */
  readonly oldestShownMs: number;
  readonly switches: number;
}

/** Sum up `samples`, in order, of a measurement of `durationMs`. */
export function summarize(samples: readonly Sample[], durationMs: number): Summary {
  const ages = Float64Array.from(samples, ({ ageMs }) => ageMs).sort();
  const quantile = (share: number): number =>
    ages[Math.min(ages.length - 1, Math.floor(share * ages.length))] ?? Number.NaN;
  let oldestShownMs = 0;
  let switches = 0;
  for (const [i, sample] of samples.entries()) {
    const next = samples[i + 1];
    oldestShownMs = Math.max(oldestShownMs, sample.ageMs + (next?.atMs ?? durationMs) - sample.atMs);
    if (next !== undefined && next.track !== sample.track) switches++;
  }
  return {
    frames: samples.length,
    framesPerSecond: (samples.length * 1000) / durationMs,
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    maxMs: quantile(1),
    oldestShownMs: samples.length === 0 ? durationMs : oldestShownMs,
    switches,
  };
}
