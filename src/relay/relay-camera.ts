import { isDeepStrictEqual } from "node:util";
import { type Bus, LingeringDemand, type Publication } from "../bus/index.ts";
import type { ClockOffset } from "../flow/index.ts";
import { ageMicros, type CameraInfo, type Control, type Frame, hasFailed, now } from "../protocol/index.ts";
import type { Places } from "./places.ts";
import { RelayTrack, type RelayTrackEvents } from "./relay-track.ts";

/** How often the age that is told of a hop may change, in ms: all viewers are told. */
const AGE_EVERY_MS = 2000;

/** A change of that age that is worth to be told, in ms, or as a part of it. */
const WORTH_MS = 5;
const WORTH_PART = 0.2;

/** A change of the clock that is worth to be told, in µs. */
const WORTH_MICROS = 1000;

/** How a camera reaches the source that it comes from. */
export interface RelayCameraParts {
  readonly bus: Bus;
  /** Its id here. */
  readonly id: string;
  readonly clock: ClockOffset;
  /** For the tracks that are taken from the source. */
  readonly places: Places;
  readonly tell: (message: Control.Control) => void;
  readonly events: RelayTrackEvents;
  /** Another has the id here. */
  readonly refused: (reason: string) => void;
}

/** One camera of the source, put on a bus: each track is taken once from there, and only while somebody takes it here. */
export class RelayCamera {
  readonly #parts: RelayCameraParts;
  readonly #remote: string;
  readonly #publication: Publication;
  readonly #tracks = new Map<string, RelayTrack>();
  readonly #numbers = new Map<number, RelayTrack>();
  readonly #lingering: LingeringDemand;
  #wanted: ReadonlySet<string> = new Set();
  #info: CameraInfo;
  #hub: string;
  #isLost = false;
  #ageMs: number | undefined;
  #toldAgeMs: number | undefined;
  #toldClock: CameraInfo["clock"];
  #toldAtMs = Number.NEGATIVE_INFINITY;

  /** `hub` names the source. */
  constructor(info: CameraInfo, hub: string, parts: RelayCameraParts) {
    this.#parts = parts;
    this.#remote = info.id;
    this.#info = info;
    this.#hub = hub;
    this.#lingering = new LingeringDemand((tracks) => this.#demand(tracks));
    let early: ReadonlySet<string> | undefined;
    let isReady = false;
    this.#publication = parts.bus.publish(this.#marked(), {
      demand: (tracks) => {
        if (isReady) this.#lingering.want(tracks);
        else early = tracks;
      },
      keyframe: (name) => {
        const track = this.#tracks.get(name);
        if (track !== undefined && parts.places.has(track))
          parts.tell({ type: "keyframe", camera: this.#remote, track: name });
      },
      refused: parts.refused,
    });
    isReady = true;
    if (early !== undefined) this.#lingering.want(early);
  }

  /** What the source says of it now. */
  update(info: CameraInfo, hub: string): void {
    // It says so at every watch. All viewers here would hear of a clock that is a microsecond off.
    if (!this.#isLost && hub === this.#hub && isDeepStrictEqual(info, this.#info)) return;
    this.#hub = hub;
    this.#info = info;
    this.#publish();
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#watchAll();
  }

  /** The connection is lost: numbers have no meaning. What is on the screen may stay for the moment. */
  detach(): void {
    this.#isLost = true;
    this.#numbers.clear();
  }

  /** Nothing is known of it now. */
  lose(reason: string): void {
    if (!hasFailed(this.#info)) this.#info = { ...this.#info, state: "gone", since: now(), reason };
    this.#publish();
  }

  /** Frames of a track carry this number from now on. */
  number(name: string, number: number): void {
    const track = this.#tracks.get(name);
    if (track === undefined) return;
    for (const [old, other] of this.#numbers) if (other === track) this.#numbers.delete(old);
    this.#numbers.set(number, track);
    track.restart();
  }

  /** A frame came; whether it is of this camera. */
  frame(frame: Frame.Frame): boolean {
    const track = this.#numbers.get(frame.track);
    if (track === undefined) return false;
    track.put(frame);
    this.#measure(frame);
    return true;
  }

  /** Take it off the bus. */
  close(): void {
    this.#lingering.clear();
    for (const track of this.#tracks.values()) this.#leave(track);
    this.#publication.close();
  }

  #watchAll(): void {
    for (const track of this.#tracks.values()) {
      track.restart();
      if (this.#parts.places.has(track)) this.#watch(track);
    }
  }

  #watch(track: RelayTrack): void {
    if (this.#isLost) return;
    const { name: trackName, windowFrames } = track;
    this.#parts.tell({ type: "watch", camera: this.#remote, track: trackName, window: windowFrames });
  }

  /** The source hears of it before another has the place. */
  #leave(track: RelayTrack): void {
    const { places, tell } = this.#parts;
    const { name } = track;
    track.close();
    this.#tracks.delete(name);
    for (const [old, other] of this.#numbers) if (other === track) this.#numbers.delete(old);
    if (!this.#isLost && places.has(track)) tell({ type: "unwatch", camera: this.#remote, track: name });
    places.leave(track);
  }

  #demand(tracks: ReadonlySet<string>): void {
    this.#wanted = tracks;
    for (const [name, track] of this.#tracks) if (!tracks.has(name)) this.#leave(track);
    for (const name of tracks) {
      if (this.#tracks.has(name)) continue;
      const isPictures = this.#info.tracks.find((track) => track.name === name)?.codec === "jpeg";
      const track = new RelayTrack(name, this.#publication, this.#parts.events, isPictures);
      this.#tracks.set(name, track);
      this.#parts.places.take(track, () => this.#watch(track));
    }
  }

  /** How old frames are when they come here; told now and then, if it has changed. */
  #measure({ capturedAt }: Frame.Frame): void {
    const clock = this.#clock;
    if (clock === undefined) return;
    const ageMs = ageMicros(capturedAt, { clock }) / 1000;
    this.#ageMs = this.#ageMs === undefined ? ageMs : this.#ageMs + (ageMs - this.#ageMs) / 8;
    const nowMs = performance.now();
    if (nowMs - this.#toldAtMs < AGE_EVERY_MS) return;
    const told = this.#toldAgeMs;
    const isOther =
      told === undefined || Math.abs(told - this.#ageMs) > WORTH_MS + WORTH_PART * Math.abs(told);
    const isShifted = Math.abs((this.#toldClock?.offset ?? 0) - clock.offset) >= WORTH_MICROS;
    if (!isOther && !isShifted && this.#toldClock !== undefined) return;
    this.#publish();
  }

  #publish(): void {
    this.#toldAtMs = performance.now();
    this.#publication.update(this.#marked());
  }

  /** The offset of the camera's clock as it is from here. */
  get #clock(): CameraInfo["clock"] {
    const { offsetMicros, roundTripMs } = this.#parts.clock;
    if (offsetMicros === undefined || roundTripMs === undefined) return undefined;
    const { offset = 0, error = 0 } = this.#info.clock ?? {};
    return {
      offset: Math.round(offset - offsetMicros),
      error: Math.ceil(error + (roundTripMs * 1000) / 2),
    };
  }

  /** The camera as it is told here. */
  #marked(): CameraInfo {
    const { clock: _clock, hops = [], ...rest } = this.#info;
    const clock = this.#clock;
    this.#toldClock = clock;
    this.#toldAgeMs = this.#wanted.size === 0 ? undefined : this.#ageMs;
    const ageMs = this.#toldAgeMs === undefined ? {} : { ageMs: Math.round(this.#toldAgeMs * 10) / 10 };
    return {
      ...rest,
      id: this.#parts.id,
      ...(clock === undefined ? {} : { clock }),
      hops: [...hops, { hub: this.#hub, ...ageMs }],
    };
  }
}
