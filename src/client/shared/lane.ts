import { Gop, KeyframeWishes } from "../../flow/index.ts";
import type { SubscriberEvents, Subscription } from "../../hub/index.ts";
import type { Ack, Frame } from "../../protocol/index.ts";
import { Lead } from "./lead.ts";
import { CLOCK, type Clock, Pace } from "./pace.ts";

/** What a {@link Lane} asks of the connection to the server. */
export interface LaneEvents {
  /** Somebody has done with frames. `emptyWay`: and nothing is on the way, which is rare. */
  acknowledge(ack: Ack.Ack, emptyWay: boolean): void;
  /** The window is another one, and nothing has been done with. */
  resize(windowFrames: number): void;
  /** Nobody who asks can go on without a keyframe. */
  wantKeyframe(): void;
  /** Nobody takes it any more. */
  left(): void;
  /** Round trip to the server, if it is known. */
  roundTripMs(): number | undefined;
}

/** What a {@link Lane} is made of. */
export interface LaneOptions {
  /** Frames that the first tab is ready for. */
  readonly windowFrames: number;
  /** Its frames each stand alone. */
  readonly stills: boolean;
  readonly clock?: Clock;
}

/**
 * One track on its way from the server to all tabs that take it: it comes once. Its newest GOP stays here, so that a tab that
 * joins has a picture at once, and each tab takes from it at its own pace.
 */
export class Lane {
  readonly #events: LaneEvents;
  readonly #gop = new Gop({ sparse: true });
  readonly #members = new Set<Member>();
  readonly #wishes = new KeyframeWishes();
  readonly #lead: Lead<Member | Lane>;
  readonly #stills: boolean;
  readonly #clock: Clock;
  /** Of stills, which are asked for from here. */
  #pace: Pace | undefined;
  #number: number | undefined;

  constructor({ windowFrames, stills, clock = CLOCK }: LaneOptions, events: LaneEvents) {
    this.#events = events;
    this.#stills = stills;
    this.#clock = clock;
    this.#lead = new Lead(windowFrames);
    this.#repace();
  }

  /** Frames that the server is asked for at first. */
  get windowFrames(): number {
    return this.#pace?.windowFrames ?? this.#lead.windowFrames;
  }

  /** The number that its frames carry, here and at the server; `undefined` before the server has said it. */
  get number(): number | undefined {
    return this.#number;
  }

  /** The newest frame, if there is any. */
  get newest(): Frame.Frame | undefined {
    return this.#gop.newest;
  }

  /** The frame to take after `sequence`. */
  after(sequence: number | undefined): Frame.Frame | undefined {
    return this.#gop.after(sequence);
  }

  /** The server has given it another number. */
  renumber(number: number): void {
    this.#number = number;
    this.#gop.clear();
    this.#lead.restart();
    this.#repace();
    for (const { events } of this.#members) events.renumbered();
  }

  /** A frame came. */
  put(frame: Frame.Frame): void {
    this.#pace?.arrived(frame, this.#events.roundTripMs());
    // One that nobody can decode is done with, or the server would wait for it.
    if (!this.#gop.put(frame)) this.acknowledge(this, frame.sequence, this.#lead.windowFrames);
    else for (const { events } of this.#members) events.frame();
  }

  /** Take it, with this window. */
  join(events: SubscriberEvents, windowFrames: number): Member {
    const member = new Member(this, events, windowFrames);
    this.#members.add(member);
    this.resize(member, windowFrames);
    return member;
  }

  /** `member` takes it no longer. */
  leave(member: Member): void {
    if (this.#members.delete(member) && this.#members.size === 0) this.#events.left();
  }

  /** `member` has done with everything up to `sequence`. */
  acknowledge(member: Member | Lane, sequence: number, windowFrames: number): void {
    if (this.#pace !== undefined) this.#pace.painted(sequence);
    else if (this.#lead.acknowledge(member, sequence, windowFrames)) this.#tell(sequence, windowFrames);
  }

  /** `member` is ready to hold so many frames. */
  resize(member: Member, windowFrames: number): void {
    if (this.#pace === undefined && this.#lead.resize(member, windowFrames))
      this.#events.resize(windowFrames);
  }

  /** `member` cannot go on without a keyframe: it has done with all that comes before one. */
  wantKeyframe(member: Member): void {
    const { newest } = this;
    if (newest !== undefined) this.acknowledge(member, newest.sequence, member.windowFrames);
    if (this.#wishes.admits(this.#clock.nowMs())) this.#events.wantKeyframe();
  }

  // Of a track with deltas nothing can be left out, so there is no pace to choose: the tab that is furthest leads.
  #repace(): void {
    this.#pace?.close();
    if (!this.#stills) return;
    this.#pace = new Pace(this.#clock, (sequence, windowFrames, emptyWay) =>
      this.#tell(sequence, windowFrames, emptyWay),
    );
  }

  #tell(sequence: number, windowFrames: number, emptyWay = false): void {
    if (this.#number === undefined) return;
    this.#events.acknowledge({ track: this.#number, sequence, windowFrames }, emptyWay);
  }
}

/** One tab that takes a {@link Lane}. */
export class Member implements Subscription {
  readonly events: SubscriberEvents;
  readonly #lane: Lane;
  #windowFrames: number;

  constructor(lane: Lane, events: SubscriberEvents, windowFrames: number) {
    this.#lane = lane;
    this.events = events;
    this.#windowFrames = windowFrames;
  }

  /** Frames that it is ready to hold. */
  get windowFrames(): number {
    return this.#windowFrames;
  }

  get number(): number | undefined {
    return this.#lane.number;
  }

  get newest(): Frame.Frame | undefined {
    return this.#lane.newest;
  }

  after(sequence: number | undefined): Frame.Frame | undefined {
    return this.#lane.after(sequence);
  }

  // Tabs are few.
  postpone(): boolean {
    return false;
  }

  wantKeyframe(): void {
    this.#lane.wantKeyframe(this);
  }

  // Nobody counts here: the server does.
  skip(): void {}

  /** It has done with everything up to `sequence`. */
  acknowledge(sequence: number, windowFrames: number): void {
    this.#windowFrames = windowFrames;
    this.#lane.acknowledge(this, sequence, windowFrames);
  }

  /** It is ready to hold so many frames. */
  resize(windowFrames: number): void {
    this.#windowFrames = windowFrames;
    this.#lane.resize(this, windowFrames);
  }

  close(): void {
    this.#lane.leave(this);
  }
}
