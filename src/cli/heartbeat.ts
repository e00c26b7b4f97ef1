/** What a process says again and again to the one that started it, so that one that hangs is noticed. */
export const BEAT = "beat";

/** Milliseconds between two beats. */
const BEAT_MS = 1000;

/**
 * Milliseconds without a beat after which a process hangs: a driver that blocks it for good, or an endless loop. A busy
 * one on a small computer is late by a second or two.
 */
const HUNG_MS = 8000;

/** Say {@link BEAT} to the process that started this one, from now on. */
export function beat(): void {
  const timer = setInterval(() => {
    // Without its parent it ends anyway.
    if (process.connected) process.send?.(BEAT, undefined, {}, () => {});
  }, BEAT_MS);
  timer.unref();
}

/** Bounds of a {@link Pulse}. */
export interface PulseTimes {
  /** Milliseconds between two looks. */
  readonly lookMs: number;
  /** See {@link HUNG_MS}. */
  readonly hungMs: number;
}

const TIMES: PulseTimes = { lookMs: BEAT_MS, hungMs: HUNG_MS };

/** Listens to one process: says once when it has been silent for too long. It counts from its first beat. */
export class Pulse implements Disposable {
  readonly #timer: NodeJS.Timeout;
  readonly #times: PulseTimes;
  #silentMs: number | undefined;

  /** `lost` hears for how many seconds it was silent. */
  constructor(lost: (seconds: number) => void, times: PulseTimes = TIMES) {
    this.#times = times;
    this.#timer = setInterval(() => {
      // Looks are counted, not the clock: a computer that slept, or this process, looks once when it wakes.
      if (this.#silentMs === undefined) return;
      this.#silentMs += times.lookMs;
      if (this.#silentMs < times.hungMs) return;
      this[Symbol.dispose]();
      lost(times.hungMs / 1000);
    }, times.lookMs);
    this.#timer.unref();
  }

  /** It said something. */
  heard(): void {
    // A beat may have been on its way while the look was due.
    this.#silentMs = -this.#times.lookMs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
