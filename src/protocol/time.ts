/** Microseconds since the Unix epoch, on the clock of the machine that took the reading. */
export type Micros = number & { readonly unit: "micros" };

/** Largest difference, in ms, between the two clocks that {@link now} blends before it follows the wall clock. */
const MAX_CLOCK_STEP_MS = 5;

let originMs = performance.timeOrigin;

/**
 * The time now. `Date.now()` has the right date but only milliseconds; `performance.now()` has microseconds
 * but does not notice when the clock is set. This has both: it runs with the second and follows the first
 * when somebody (or NTP) steps it.
 */
export function now(): Micros {
  const wallMs = Date.now();
  const preciseMs = originMs + performance.now();
  if (Math.abs(wallMs - preciseMs) <= MAX_CLOCK_STEP_MS) return micros(preciseMs * 1000);
  originMs += wallMs - preciseMs;
  return micros(wallMs * 1000);
}

/** A plain number of microseconds as {@link Micros}, rounded to a whole one. */
export function micros(value: number): Micros {
  return Math.round(value) as Micros;
}
