import { type Micros, micros } from "../protocol/index.ts";

/** A stamp older than this belongs to another clock, in µs. No driver holds a picture for longer. */
const MAX_AGE_MICROS = 10_000_000;

/** The two clocks that a driver may stamp with. */
export interface Clocks {
  /** The steady clock of the kernel, in µs. */
  readonly monotonicMicros: number;
  /** The wall clock. */
  readonly now: Micros;
}

/**
 * When a picture was captured that its driver stamped with `stampMicros`: on the steady clock (nearly all) or on the
 * wall clock (few). A stamp of any other clock, or of the future, is worth nothing: then it was captured now.
 */
export function captureTime(stampMicros: number | undefined, clocks: Clocks): Micros {
  if (stampMicros === undefined) return clocks.now;
  for (const reading of [clocks.monotonicMicros, clocks.now]) {
    const ageMicros = reading - stampMicros;
    if (ageMicros >= 0 && ageMicros <= MAX_AGE_MICROS) return micros(clocks.now - ageMicros);
  }
  return clocks.now;
}

/** The steady clock of the kernel now, in µs: what a V4L2 driver stamps with. */
export function monotonicMicros(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
