import { ClockOffset } from "../../src/flow/clock-offset.ts";
import { DeltaWindow } from "../../src/flow/delta-window.ts";
import { Floor } from "../../src/flow/floor.ts";
import { Ladder, type Rung } from "../../src/flow/ladder.ts";
import { Vitals } from "../../src/flow/vitals.ts";
import { type FrameWindow, Window } from "../../src/flow/window.ts";
import { type Frame, micros } from "../../src/protocol/index.ts";
import { SimulatedHub, type TrackPlan } from "./simulated-hub.ts";
import { type LinkPlan, SimulatedLink } from "./simulated-link.ts";
import { SimulatedTime } from "./simulated-time.ts";

/** Questions about the time: how the client's connection asks them. */
const FIRST_QUESTIONS = 4;
const FIRST_EVERY_MS = 150;
const TIME_EVERY_MS = 2_000;

/** What a client's pipeline does with pictures that come too fast. */
const SIGN_OF_LIFE_MS = 500;

/** A picture on the screen. */
export interface Shown {
  readonly atMs: number;
  readonly ageMs: number;
  readonly windowFrames: number;
  readonly track: string;
}

/** What the viewer is like. */
export interface ViewerPlan {
  /** From arrival to paint, one frame at a time. */
  readonly paintMs?: number;
  /** And that much more for a frame of this track. */
  readonly paintMsOf?: (track: TrackPlan) => number;
  /** What it believes of the link at first. */
  readonly startBps?: number;
  /** What its clock is ahead. */
  readonly offsetMs?: number;
  /** Its machine stands still this long, again and again. */
  readonly stallMs?: number;
  /** What it takes stills with; default: what paces a link. */
  readonly window?: () => FrameWindow;
}

/** A viewer's clock questions, asked right before an acknowledgement where that is soon enough. */
export class SimulatedClock {
  readonly clock: ClockOffset = new ClockOffset();
  readonly #time: SimulatedTime;
  readonly #link: SimulatedLink;
  readonly #hub: SimulatedHub;
  #questions = 0;
  #openSinceMs: number | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(time: SimulatedTime, link: SimulatedLink, hub: SimulatedHub) {
    this.#time = time;
    this.#link = link;
    this.#hub = hub;
    time.every(50, () => {
      // A timer waits half a period longer than an acknowledgement.
      if (time.nowMs - this.#askedAtMs >= 1.5 * this.#everyMs) this.#ask();
    });
  }

  /** Since when a question is open, beyond the round trip. */
  get openMs(): number {
    const openMs = this.#openSinceMs === undefined ? 0 : this.#time.nowMs - this.#openSinceMs;
    return Math.max(0, openMs - (this.clock.wayMs ?? 0));
  }

  acknowledging(breathing: boolean): void {
    if (breathing || this.#time.nowMs - this.#askedAtMs >= this.#everyMs) this.#ask();
  }

  get #everyMs(): number {
    return this.#questions < FIRST_QUESTIONS ? FIRST_EVERY_MS : TIME_EVERY_MS;
  }

  #ask(): void {
    const askedAtMs = this.#time.nowMs;
    const sent = micros(askedAtMs * 1000);
    this.#askedAtMs = askedAtMs;
    this.#questions++;
    this.#openSinceMs ??= askedAtMs;
    this.#link.up(() =>
      this.#hub.ask((atMs) => {
        this.clock.add(sent, micros(atMs * 1000), micros(this.#time.nowMs * 1000));
        this.#openSinceMs = this.#askedAtMs > askedAtMs ? this.#askedAtMs : undefined;
      }),
    );
  }
}

/** Watches one track: what the client's player does, without a browser. */
export class SimulatedPlayer {
  readonly window: FrameWindow;
  readonly vitals: Vitals;
  readonly track: TrackPlan;
  readonly #world: World;
  readonly #queue: Frame.Frame[] = [];
  #busy = false;
  #asking = false;
  #done: Frame.Frame | undefined;
  #closed = false;
  #shownAtMs = Number.NEGATIVE_INFINITY;
  painted = 0;

  constructor(world: World, track: TrackPlan) {
    const { time, hub, link } = world;
    const deltas = (track.gopFrames ?? 1) > 1;
    this.#world = world;
    this.track = track;
    this.window = deltas ? new DeltaWindow() : (world.viewer.window?.() ?? new Window(time.nowMs));
    this.vitals = new Vitals(world.floor, deltas);
    const { frames } = this.window;
    link.up(() => hub.watch(track.name, frames, (frame) => this.#receive(frame)));
  }

  close(): void {
    this.#closed = true;
    this.#world.link.up(() => this.#world.hub.unwatch(this.track.name));
  }

  #receive(frame: Frame.Frame): void {
    if (this.#closed) return;
    const { time, viewer, clock } = this.#world;
    time.at(this.#awakeAtMs(time.nowMs), () => {
      clock.clock.frame(micros(time.nowMs * 1000));
      const { sequence, payload, capturedAt, keyframe } = frame;
      const bytes = payload.byteLength;
      const arrived = { sequence, capturedAtMs: capturedAt / 1000 - (viewer.offsetMs ?? 0), bytes, keyframe };
      this.window.arrived(arrived, time.nowMs, clock.clock.wayMs);
      this.vitals.arrived(arrived, time.nowMs);
      if (!(this.window instanceof DeltaWindow)) this.#queue.length = 0;
      this.#queue.push(frame);
      this.#work();
    });
  }

  #work(): void {
    if (this.#busy) return;
    const frame = this.#queue.shift();
    if (frame === undefined) return;
    const { time, viewer } = this.#world;
    const paintMs = (viewer.paintMs ?? 0) + (viewer.paintMsOf?.(this.track) ?? 0);
    const beganAtMs = time.nowMs;
    this.#busy = true;
    time.at(this.#awakeAtMs(beganAtMs + paintMs), () => {
      this.#busy = false;
      this.vitals.worked(time.nowMs - beganAtMs);
      if (!this.#closed) this.#paint(frame);
      this.#work();
    });
  }

  #paint(frame: Frame.Frame): void {
    const { time, viewer, shown } = this.#world;
    const ageMs = time.nowMs - frame.capturedAt / 1000;
    this.window.painted(ageMs + (viewer.offsetMs ?? 0), time.nowMs);
    this.window.done(frame.sequence);
    this.#done = frame;
    // Of what comes out of a decoder that is behind only the newest is painted, and now and then another as a sign of life.
    const silent = time.nowMs - this.#shownAtMs > SIGN_OF_LIFE_MS;
    if (silent || (!this.window.catchingUp && this.#queue.length < 3)) {
      this.#shownAtMs = time.nowMs;
      this.painted++;
      shown.push({ atMs: time.nowMs, ageMs, windowFrames: this.window.frames, track: this.track.name });
    }
    this.#tell();
  }

  #tell(): void {
    if (this.#done === undefined || this.#closed) return;
    const { time, link, hub, clock } = this.#world;
    const { sequence } = this.#done;
    const windowFrames = this.window.ask(time.nowMs);
    if (windowFrames !== undefined) {
      clock.acknowledging(this.window.breathing);
      link.up(() => hub.acknowledge(this.track.name, { track: 1, sequence, windowFrames }));
    }
    if (!this.window.waiting || this.#asking) return;
    this.#asking = true;
    time.after(this.window.waitMs(time.nowMs), () => {
      this.#asking = false;
      this.#tell();
    });
  }

  // A machine that stands still does what is due when it goes on.
  #awakeAtMs(atMs: number): number {
    const { stallMs = 0 } = this.#world.viewer;
    const inStallMs = atMs % 1_500;
    return inStallMs < stallMs ? atMs - inStallMs + stallMs : atMs;
  }
}

/** What a simulated player lives in. */
export interface World {
  readonly time: SimulatedTime;
  readonly link: SimulatedLink;
  readonly hub: SimulatedHub;
  readonly clock: SimulatedClock;
  readonly viewer: ViewerPlan;
  readonly floor: Floor;
  readonly shown: Shown[];
}

/** A hub with a camera of `tracks`, a link, and a viewer that watches nothing yet. */
export function world(tracks: readonly TrackPlan[], plan: LinkPlan, viewer: ViewerPlan): World {
  const time = new SimulatedTime();
  const link = new SimulatedLink(time, plan);
  const hub = new SimulatedHub(time, link, tracks, plan.seed);
  const clock = new SimulatedClock(time, link, hub);
  return { time, link, hub, clock, viewer, floor: new Floor(30_000), shown: [] };
}

/** Watch one track for `forMs` and tell what was shown. */
export function watch(track: TrackPlan, plan: LinkPlan, viewer: ViewerPlan, forMs: number): Shown[] {
  const whole = world([track], plan, viewer);
  void new SimulatedPlayer(whole, track);
  whole.time.run(forMs);
  return whole.shown;
}

/** What the ladder did. */
export interface Climb {
  readonly shown: readonly Shown[];
  readonly moves: readonly { readonly atMs: number; readonly track: string; readonly reason: string }[];
}

/** Watch a camera by the ladder for `forMs`; `rungs` are its tracks, best first. */
export function climb(
  tracks: readonly TrackPlan[],
  rungs: readonly Rung[],
  plan: LinkPlan,
  viewer: ViewerPlan,
  forMs: number,
): Climb {
  const whole = world(tracks, plan, viewer);
  const { time } = whole;
  const ladder = new Ladder(viewer.startBps ?? 5_000_000);
  const moves: { atMs: number; track: string; reason: string }[] = [];
  let player: SimulatedPlayer | undefined;
  let next: SimulatedPlayer | undefined;
  ladder.offer(rungs, 0);
  time.every(100, () => {
    const active = next ?? player;
    if (active !== undefined) {
      ladder.look(
        active.vitals.read(time.nowMs),
        {
          catchingUp: active.window.catchingUp,
          openMs: whole.clock.openMs,
          roundTripMs: whole.clock.clock.wayMs ?? 0,
        },
        time.nowMs,
      );
    }
    if (next !== undefined && next.painted > 0) {
      player?.close();
      player = next;
      next = undefined;
    }
    if ((next ?? player)?.track.name === ladder.track) return;
    next?.close();
    next = undefined;
    moves.push({ atMs: time.nowMs, track: ladder.track!, reason: ladder.reason });
    const track = tracks.find(({ name }) => name === ladder.track)!;
    // In trouble the old one only makes things worse.
    if (ladder.reason === "link" || ladder.reason === "decoder") {
      player?.close();
      player = undefined;
    }
    next = new SimulatedPlayer(whole, track);
  });
  time.run(forMs);
  return { shown: whole.shown, moves };
}

/** Rate and ages of what was shown from `fromMs` to `toMs`. */
export function figures(
  shown: readonly Shown[],
  fromMs: number,
  toMs: number,
): {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly windowFrames: number;
  readonly gapMs: number;
} {
  const part = shown.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const ages = part.map(({ ageMs }) => ageMs).sort((a, b) => a - b);
  let gapMs = 0;
  for (let n = 1; n < part.length; n++) gapMs = Math.max(gapMs, part[n]!.atMs - part[n - 1]!.atMs);
  return {
    rate: (part.length * 1000) / (toMs - fromMs),
    p50Ms: ages[Math.floor(ages.length / 2)] ?? Number.NaN,
    p99Ms: ages[Math.floor(ages.length * 0.99)] ?? Number.NaN,
    maxMs: ages.at(-1) ?? Number.NaN,
    windowFrames: part.reduce((sum, frame) => sum + frame.windowFrames, 0) / part.length,
    gapMs,
  };
}
