import type { Signs } from "./vitals.ts";

/** One track of a camera, as a step of the ladder. */
export interface Rung {
  /** Name of the track. */
  readonly name: string;
  /** Whether each of its frames stands alone: then any link carries it, at some rate. */
  readonly still: boolean;
  /** Pixels per second that have to be decoded. */
  readonly load: number;
  /** Bits per second that it takes; of stills, to look alive. */
  readonly needBps: number;
}

/** What the link carried in trouble is not all for the taking: part of that was the queue. */
const DOWN_PART = 0.8;

/** What is proven of the link must be this much more than a track needs, before that is taken for it. */
const UP_PART = 1.3;

/** A queue that is longer than this, and than so many frames, does not go away by itself. */
const LATE_MS = 90;
const LATE_FRAMES = 3;

/** Trouble has to last this long: what a window can cure it has cured by then. */
const TROUBLE_MS = 350;

/** Trouble that is this part of what it was gets less. */
const LESS_PART = 0.95;

/**
 * A track that has just begun stands behind what the last one left on the way, and begins with a keyframe: for this time, and as
 * long as the way is.
 */
const GRACE_MS = 400;
const GRACE_ROUND_TRIPS = 2;

/** A newcomer in the middle of a long group of pictures is late until it has caught up; that long it may be. */
const CATCH_UP_MS = 3_000;

/** A decoder that works this many times as long on a frame as it takes to the next one is behind. */
const BEHIND_PART = 1.2;

/** A question to the server that is open for so much longer than a round trip stands behind a queue. */
const STUCK_MS = 700;

/** What is to help a decoder that is behind has at most this part of the pixels. */
const LIGHTER_PART = 0.7;

/** What six stills a second need, as part of what a video needs whose keyframes are about as large as those stills. */
const STILL_PART = 2;

/** Time without trouble before a better track is tried: with proof that the link carries it, and without. */
const PROVEN_CALM_MS = 1_000;
const BLIND_CALM_MS = 5_000;

/** The same, without proof, on a link that has got better since the trouble. */
const BETTER_CALM_MS = 2_000;

/**
 * A link that carries so many times what it carried in trouble is another link; of one that carried next to nothing, so many parts of
 * what was too much for it.
 */
const BETTER_TIMES = 3;
const BETTER_PART = 0.3;

/** A track that was taken for that reason, and fails again within this time, shows that it was none. */
const DOUBT_MS = 60_000;

/**
 * A trial that fails within this time leads back to where it began, as long as the link carries so much of what that track needs: it was
 * watched in calm, and encoders stay below what they may take.
 */
const TRIAL_MS = 10_000;
const KNOWN_PART = 0.9;

/** After a failure a track is not tried for this time, and for longer each time that it fails. */
const FIRST_WAIT_MS = 6_000;
const WAIT_GROWTH = 3;
const MAX_WAIT_MS = 1_800_000;

interface Failure {
  /** What was too much: bits per second, or pixels per second. */
  readonly amount: number;
  /** And what was carried of it; `undefined` where nothing came in time to see that. */
  readonly carried: number | undefined;
  readonly atMs: number;
  readonly waitMs: number;
  /** It failed although the link had been seen to carry as much. */
  readonly proven: boolean;
  /** Since when it no longer counts, because the link has got better. */
  readonly forgivenAtMs?: number;
  /** It is not forgiven before its time: the last one was, and the link was the same. */
  readonly lasting?: boolean;
}

/** What a {@link Ladder} has to know of its viewer. */
export interface Viewing {
  /** The track has not reached the live edge yet. */
  readonly catchingUp: boolean;
  /** Since when a question to the server is open, beyond the round trip. */
  readonly openMs: number;
  /** Of an empty link; 0 while it is not known. */
  readonly roundTripMs: number;
  /** Whether a better track may be tried now: others may be trying on the same link. Absent: it may. */
  readonly mayTry?: boolean;
}

/** Why the track in use is the one in use. */
export type LadderReason = "start" | "best" | "link" | "decoder" | "size" | "probe";

/**
 * Which track of a camera to watch, by how the present one does. Down as soon as there is trouble, to what the link was
 * seen to carry; up after a calm time, to what it was seen to carry by single large frames, or one step further without
 * such proof, and then with waits that grow with each failure: on any link that stays as it is, changes become rare.
 */
export class Ladder {
  readonly #startBps: number;
  #rungs: readonly Rung[] = [];
  #current: Rung | undefined;
  #reason: LadderReason = "start";
  #switches = 0;
  #sinceMs = 0;
  #proven = false;
  /** Where the present trial began. */
  #base: Rung | undefined;
  #troubleSinceMs: number | undefined;
  #trouble = 0;
  #calmSinceMs = 0;
  #broken = 0;
  /** What the link did not carry, by the track's name. */
  readonly #link = new Map<string, Failure>();
  #decoder: Failure | undefined;
  /** Whether the link has got better since it last was in trouble. */
  #better = false;

  /** `startBps`: what the link is believed to carry before anything is known of it. */
  constructor(startBps: number) {
    this.#startBps = startBps;
  }

  /** Name of the track to watch; `undefined` while there is none. */
  get track(): string | undefined {
    return this.#current?.name;
  }

  /** Why that one. */
  get reason(): LadderReason {
    return this.#reason;
  }

  /** How often it has changed. */
  get switches(): number {
    return this.#switches;
  }

  /**
   * What there is to choose from, best first; those that are larger than anybody can see are left out. The sender's
   * camera, the viewer's window or what is known of a track's need may have changed.
   */
  offer(rungs: readonly Rung[], nowMs: number): void {
    if (rungs.length === 0) return;
    const grown = this.#rungs[0] !== undefined && this.#rungs[0].name === this.#current?.name;
    this.#rungs = rungs;
    const same = rungs.find(({ name }) => name === this.#current?.name);
    if (same !== undefined) {
      this.#current = same;
      // The best was good enough, and somebody looks at more of it: there is nothing to wait for.
      if (grown && rungs[0] !== same) {
        this.#sinceMs = Number.NEGATIVE_INFINITY;
        this.#calmSinceMs = Number.NEGATIVE_INFINITY;
      }
      return;
    }
    const first = this.#current === undefined;
    const most = this.#current?.needBps ?? this.#startBps;
    const fits =
      rungs.find((rung) => !rung.still && rung.needBps <= most) ?? rungs.find(({ still }) => !still);
    this.#move(fits ?? rungs[0], first ? "start" : "size", nowMs);
    if (first) this.#switches = 0;
  }

  /** The present track does like this at `nowMs`, for this viewer. */
  look(signs: Signs, viewer: Viewing, nowMs: number): void {
    const current = this.#current;
    if (current === undefined) return;
    const playedMs = nowMs - (signs.beganAtMs ?? nowMs);
    const graceMs = GRACE_MS + GRACE_ROUND_TRIPS * viewer.roundTripMs;
    const settling = playedMs < graceMs || (viewer.catchingUp && playedMs < CATCH_UP_MS);
    if (settling) this.#broken = signs.broken;
    const behind = signs.workMs > BEHIND_PART * signs.intervalMs && signs.intervalMs > 0;
    const lighter = behind ? this.#lighter(current) : undefined;
    if (viewer.openMs > STUCK_MS && !current.still && nowMs - this.#sinceMs > STUCK_MS) {
      this.#fall(current, { ...signs, carriedBps: 0 }, nowMs);
    } else if (settling) {
      return;
    } else if (lighter !== undefined) {
      if (this.#lasts(signs.workMs, nowMs)) this.#overload(current, lighter, nowMs);
    } else if (current.still) {
      this.#weigh(current, signs, viewer, nowMs);
    } else if (signs.broken > this.#broken) {
      this.#fall(current, signs, nowMs);
    } else if (signs.lateMs > Math.max(LATE_MS, LATE_FRAMES * signs.intervalMs)) {
      if (this.#lasts(signs.lateMs, nowMs)) this.#fall(current, signs, nowMs);
    } else {
      // Of a video each frame is decoded: where that takes too long already, there is nothing to try.
      if (behind) this.#calmSinceMs = nowMs;
      this.#rise(current, signs, viewer, nowMs);
    }
  }

  // Trouble that gets less goes away by itself: what the last track left on the way, a keyframe, a hiccup.
  #lasts(amount: number, nowMs: number): boolean {
    this.#calmSinceMs = nowMs;
    if (this.#troubleSinceMs === undefined || amount < LESS_PART * this.#trouble) {
      this.#troubleSinceMs = nowMs;
      this.#trouble = amount;
    }
    this.#trouble = Math.max(this.#trouble, amount);
    return nowMs - this.#troubleSinceMs >= TROUBLE_MS;
  }

  #fall(current: Rung, { carriedBps, broken }: Signs, nowMs: number): void {
    this.#calmSinceMs = nowMs;
    const target = this.#backFrom(carriedBps, nowMs) ?? this.#below(current, carriedBps);
    if (target === undefined) {
      this.#broken = broken;
      this.#troubleSinceMs = undefined;
      return;
    }
    this.#better = false;
    const carried = carriedBps > 0 ? carriedBps : undefined;
    const before = this.#link.get(current.name);
    this.#link.set(current.name, failed(before, current.needBps, carried, this.#proven, nowMs));
    this.#move(target, "link", nowMs);
  }

  // Of a link that has become slow meanwhile the track from which a trial began says nothing.
  #backFrom(bps: number, nowMs: number): Rung | undefined {
    const base = nowMs - this.#sinceMs < TRIAL_MS ? this.#base : undefined;
    return this.#rungs.find(({ name, needBps }) => name === base?.name && KNOWN_PART * needBps <= bps);
  }

  // The best that the link was seen to carry; else the least.
  #below(current: Rung, bps: number): Rung | undefined {
    const below = this.#rungs.slice(this.#rungs.indexOf(current) + 1);
    const videos = below.filter(({ still }) => !still);
    const video = videos.find(({ needBps }) => needBps <= DOWN_PART * bps) ?? videos.at(-1);
    if (video !== undefined && video.needBps <= bps) return video;
    const least = video ?? current;
    const still = stillFor(below, bps);
    // Stills that are larger than the keyframes of the video make nothing better.
    return still !== undefined && still.needBps <= Math.max(bps, STILL_PART * least.needBps) ? still : video;
  }

  // The best that is less to do for a decoder that is behind.
  #lighter(current: Rung): Rung | undefined {
    return this.#rungs.find(
      ({ load, still }) => still === current.still && load < LIGHTER_PART * current.load,
    );
  }

  #overload(current: Rung, lighter: Rung, nowMs: number): void {
    this.#decoder = failed(this.#decoder, current.load, current.load, false, nowMs);
    this.#move(lighter, "decoder", nowMs);
  }

  // Stills are sent as fast as the link carries them, so the link is known: which of them, or video again?
  #weigh(current: Rung, signs: Signs, viewer: Viewing, nowMs: number): void {
    const { carriedBps, skipped } = signs;
    const limited = skipped > 0.1;
    if (limited && carriedBps < DOWN_PART * current.needBps) {
      const smaller = stillFor(this.#rungs, carriedBps);
      if (smaller !== undefined && smaller.needBps < current.needBps) this.#move(smaller, "link", nowMs);
      return;
    }
    this.#rise(current, signs, viewer, nowMs);
  }

  #rise(current: Rung, signs: Signs, { mayTry = true }: Viewing, nowMs: number): void {
    this.#troubleSinceMs = undefined;
    const calmMs = nowMs - Math.max(this.#calmSinceMs, this.#sinceMs);
    const above = this.#rungs.slice(0, Math.max(0, this.#rungs.indexOf(current)));
    if (above.length === 0) {
      this.#reason = "best";
      return;
    }
    if (calmMs < PROVEN_CALM_MS) return;
    this.#forgive(signs.provenBps, nowMs);
    if (calmMs > BLIND_CALM_MS) this.#reason = this.#decoder === undefined ? "link" : "decoder";
    if (!mayTry) return;
    const proven = above.find(
      (rung) => UP_PART * rung.needBps <= signs.provenBps && this.#may(rung, true, nowMs),
    );
    const next = above.findLast(({ still }) => !still);
    const blindCalmMs = this.#better ? BETTER_CALM_MS : BLIND_CALM_MS;
    const blind = next !== undefined && calmMs >= blindCalmMs && this.#may(next, false, nowMs);
    const target = proven ?? (blind ? next : undefined);
    if (target === undefined) return;
    this.#move(target, "probe", nowMs);
    this.#base = current;
    this.#proven = proven !== undefined;
  }

  // What failed on another link says nothing of this one.
  #forgive(provenBps: number, nowMs: number): void {
    for (const [name, failure] of this.#link) {
      const { amount, carried, forgivenAtMs, lasting, atMs, waitMs } = failure;
      if (forgivenAtMs !== undefined || (lasting && nowMs < atMs + waitMs)) continue;
      if (provenBps <= Math.max(BETTER_TIMES * (carried ?? 0), BETTER_PART * amount)) continue;
      this.#link.set(name, { ...failure, forgivenAtMs: nowMs });
      this.#better ||= carried !== undefined;
    }
  }

  // Whether its time has come again, after the failures of what took no more than it does.
  #may(rung: Rung, proven: boolean, nowMs: number): boolean {
    const decoder = this.#decoder;
    if (decoder !== undefined && rung.load >= decoder.amount && nowMs < decoder.atMs + decoder.waitMs)
      return false;
    if (rung.still) return true;
    for (const failure of this.#link.values()) {
      if (rung.needBps < failure.amount || failure.forgivenAtMs !== undefined) continue;
      const waitMs = proven && !failure.proven ? FIRST_WAIT_MS / 2 : failure.waitMs;
      if (nowMs < failure.atMs + waitMs) return false;
    }
    return true;
  }

  #move(rung: Rung | undefined, reason: LadderReason, nowMs: number): void {
    this.#current = rung;
    this.#reason = reason;
    this.#switches++;
    this.#sinceMs = nowMs;
    this.#calmSinceMs = nowMs;
    this.#troubleSinceMs = undefined;
    this.#broken = 0;
    this.#base = undefined;
    this.#proven = false;
  }
}

function failed(
  last: Failure | undefined,
  amount: number,
  carried: number | undefined,
  proven: boolean,
  atMs: number,
): Failure {
  const lasting =
    last?.forgivenAtMs === undefined ? last?.lasting === true : atMs - last.forgivenAtMs < DOUBT_MS;
  const isFirst = last === undefined || (last.forgivenAtMs !== undefined && !lasting);
  const waitMs = isFirst ? FIRST_WAIT_MS : Math.min(MAX_WAIT_MS, last.waitMs * WAIT_GROWTH);
  return { amount, carried, atMs, waitMs, proven, lasting };
}

/** The largest still that looks alive at `bps`; else the smallest. */
function stillFor(rungs: readonly Rung[], bps: number): Rung | undefined {
  const stills = rungs.filter(({ still }) => still);
  return stills.find(({ needBps }) => needBps <= bps) ?? stills.at(-1);
}
