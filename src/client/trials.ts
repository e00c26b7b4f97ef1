import type { LadderReason } from "../flow/ladder.ts";

/** So few cameras try what they like. */
const FEW = 4;

/** A better track that has lasted so long is no trial any more. */
const TRIAL_MS = 5_000;

/** A camera that nothing was heard of for this time is not watched (it was pulled out, or the page is hidden): its trial proves nothing. */
const SILENT_MS = 1_000;

/** After a trial that failed nobody tries for this time, and for longer after each further one. */
const FIRST_WAIT_MS = 6_000;
const WAIT_GROWTH = 3;
const MAX_WAIT_MS = 1_800_000;

/** Trials at one time, at most. */
const MOST = 64;

/** A thread whose timers are later than this on average has no time to spare; painting alone makes them late by less than half. */
const LATE_MS = 20;

/** Looks over which that is averaged: two seconds. */
const LATE_LOOKS = 20;

/** Of a single one no more than this counts: a machine may have slept, or the page was hidden. */
const MOST_LATE_MS = 200;

/** How a choice of a track stands. */
export interface Chosen {
  /** How often it has changed. */
  readonly switches: number;
  /** Why, the last time. */
  readonly reason: LadderReason;
}

/** A camera that shows a better track for the first time. */
interface Trial {
  readonly beganAtMs: number;
  heardAtMs: number;
}

/**
 * When the cameras of one page may try better tracks. They share a link and a machine: what one of them finds to be too much is too much
 * for the next one too, and each trial costs all of them pictures, and its recorder another encoder. So of many one tries first, then two,
 * then four; and when one fails, all wait.
 */
export class Trials {
  readonly #switches = new Map<string, number>();
  readonly #running = new Map<string, Trial>();
  #together = 1;
  #waitMs = 0;
  #untilMs = Number.NEGATIVE_INFINITY;
  #lateMs = 0;

  /** The thread that works on all of them looks at them so much later than it was to. */
  late(ms: number): void {
    this.#lateMs += (Math.min(MOST_LATE_MS, Math.max(0, ms)) - this.#lateMs) / LATE_LOOKS;
  }

  /** Whether another one of `cameras` may begin at `nowMs`. */
  may(cameras: number, nowMs: number): boolean {
    if (cameras <= FEW) return true;
    for (const [key, { heardAtMs }] of this.#running)
      if (nowMs - heardAtMs >= SILENT_MS) this.#running.delete(key);
    return this.#lateMs < LATE_MS && nowMs >= this.#untilMs && this.#running.size < this.#together;
  }

  /** The choice for the camera of `key` stands like this at `nowMs`. To be told at every look, for as long as the camera is watched. */
  hear(key: string, { switches, reason }: Chosen, nowMs: number): void {
    const changed = switches !== this.#switches.get(key);
    this.#switches.set(key, switches);
    const trial = this.#running.get(key);
    if (changed && (reason === "link" || reason === "decoder")) {
      // It need not be the one that tries: what that takes may be another's.
      if (this.#running.size > 0) this.#fail(nowMs);
    } else if (changed && reason === "probe") {
      this.#running.set(key, { beganAtMs: nowMs, heardAtMs: nowMs });
    } else if (trial !== undefined) {
      trial.heardAtMs = nowMs;
      if (nowMs - trial.beganAtMs >= TRIAL_MS) this.#end(key);
    }
  }

  /** There is no choice for that camera any more: it leaves room for others. */
  forget(key: string): void {
    this.#switches.delete(key);
    this.#running.delete(key);
    this.renew();
  }

  /**
   * What failed may not fail again: views have other sizes, or some have left. Trials that run go on, for they take what they take; the
   * next one begins when they are over.
   */
  renew(): void {
    this.#together = 1;
    this.#waitMs = 0;
    this.#untilMs = Number.NEGATIVE_INFINITY;
  }

  #end(key: string): void {
    this.#running.delete(key);
    if (this.#running.size > 0) return;
    this.#together = Math.min(MOST, 2 * this.#together);
    this.#waitMs = 0;
  }

  #fail(nowMs: number): void {
    this.#running.clear();
    this.#together = 1;
    this.#waitMs = Math.min(MAX_WAIT_MS, Math.max(FIRST_WAIT_MS, WAIT_GROWTH * this.#waitMs));
    this.#untilMs = nowMs + this.#waitMs;
  }
}
