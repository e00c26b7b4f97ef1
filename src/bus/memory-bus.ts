import { isDeepStrictEqual } from "node:util";
import { type CameraControl, type CameraInfo, hasFailed, Limits, micros, now } from "../protocol/index.ts";
import type {
  Bus,
  OfferedFrame,
  Publication,
  PublisherEvents,
  SubscriberEvents,
  Subscription,
  TrackFigures,
} from "./bus.ts";
import { Channel } from "./channel.ts";
import { ControlError } from "./control-calls.ts";

/** One camera id on the bus: what is known of it, who feeds it, and its tracks. */
interface Entry {
  readonly id: string;
  /** `undefined` while it was only asked for. */
  camera: CameraInfo | undefined;
  publisher: Holder | undefined;
  readonly channels: Map<string, Channel>;
}

/** Who has a camera, and the demand that it was told last. */
interface Holder {
  readonly events: PublisherEvents;
  told: string | undefined;
}

/**
 * The bus inside one process, and the heart of the mapper: the newest GOP of every track, in memory. Its numbers
 * start at a random one, so that a mapper that was restarted does not repeat those of its predecessor.
 */
export class MemoryBus implements Bus {
  readonly #entries = new Map<string, Entry>();
  /** Those of which a camera is known; the others were only asked for, and there may be many times as many. */
  readonly #listed = new Map<string, Entry>();
  /** Their list, while it is right. */
  #directory: readonly CameraInfo[] | undefined;
  readonly #followers = new Set<(id: string, camera: CameraInfo | undefined) => void>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #numbersInUse = new Set<number>();
  #lastNumber = Math.floor(Math.random() * Limits.MAX_U16);

  /** See {@link Bus.publish}. */
  publish(camera: CameraInfo, events: PublisherEvents): Publication {
    return new MemoryPublication(camera, {
      take: () => this.#take(camera.id, events),
      update: (holder, info) => this.#update(holder, info),
      put: (track, frame) => this.#entries.get(camera.id)?.channels.get(track)?.put(frame),
      leave: (holder) => this.#leave(camera.id, holder),
      wait: (retry) => this.#wait(camera.id, retry),
      refused: (reason) => events.refused(reason),
    });
  }

  /** See {@link Bus.subscribe}. */
  subscribe(camera: string, track: string, events: SubscriberEvents): Subscription {
    return this.#channel(this.#entry(camera), track).subscribe(events);
  }

  /** See {@link Bus.cameras}. */
  cameras(): readonly CameraInfo[] {
    this.#directory ??= [...this.#listed.values()].flatMap(({ camera }) => camera ?? []);
    return this.#directory;
  }

  /** See {@link Bus.camera}. */
  camera(id: string): CameraInfo | undefined {
    return this.#entries.get(id)?.camera;
  }

  /** See {@link Bus.figures}. */
  figures(id: string): readonly TrackFigures[] {
    const channels = [...(this.#entries.get(id)?.channels.values() ?? [])];
    return channels.flatMap((channel) => channel.figures() ?? []);
  }

  /** The numbers of a camera's tracks, for whoever announces them to its publisher. */
  numbers(camera: string): Map<string, number> {
    const channels = [...(this.#entries.get(camera)?.channels.values() ?? [])];
    return new Map(channels.flatMap(({ track, number }) => (number === undefined ? [] : [[track, number]])));
  }

  /** Give a track another number: its sequences start again. */
  renumber(camera: string, track: string): void {
    const channel = this.#entries.get(camera)?.channels.get(track);
    if (channel?.number === undefined) return;
    this.#numbersInUse.delete(channel.number);
    channel.renumber(this.#newNumber());
  }

  /** See {@link Bus.adjust}. */
  async adjust(id: string, set: ReadonlyMap<string, number>): Promise<readonly CameraControl[]> {
    const holder = this.#entries.get(id)?.publisher;
    if (holder === undefined) throw new ControlError("the camera has no recorder at present");
    if (holder.events.adjust === undefined) throw new ControlError("the camera has no controls");
    try {
      return await holder.events.adjust(set);
    } catch (error) {
      throw new ControlError(error instanceof Error ? error.message : String(error));
    }
  }

  /** See {@link Bus.follow}. */
  follow(changed: (id: string, camera: CameraInfo | undefined) => void): () => void {
    this.#followers.add(changed);
    return () => this.#followers.delete(changed);
  }

  /** List a camera that somebody will publish, or say how it is meanwhile. No effect while somebody publishes it. */
  expect(camera: CameraInfo): void {
    const entry = this.#entry(camera.id);
    if (entry.publisher !== undefined) return;
    this.#know(entry, { ...past(entry.camera), ...camera });
  }

  /** Forget a camera that nobody publishes. */
  forget(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.publisher !== undefined || entry.camera === undefined) return;
    this.#know(entry, undefined);
    this.#tidy(entry);
  }

  /** Nothing is held outside the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.clear();
    this.#waiting.clear();
    this.#entries.clear();
    this.#listed.clear();
    this.#directory = undefined;
  }

  /** Take a camera id: the holder, or why not. */
  #take(id: string, events: PublisherEvents): Holder | string {
    const entry = this.#entries.get(id);
    if (entry?.publisher !== undefined) return `another recorder has the camera id "${id}"`;
    if (entry?.camera === undefined && !this.#room())
      return `there are ${Limits.MAX_CAMERAS} cameras already`;
    const holder: Holder = { events, told: undefined };
    this.#entry(id).publisher = holder;
    return holder;
  }

  /** Whether one more camera fits; the one that is gone for the longest makes room. */
  #room(): boolean {
    if (this.#listed.size < Limits.MAX_CAMERAS) return true;
    const gone = [...this.#listed.values()].filter(({ publisher }) => publisher === undefined);
    const oldest = gone.sort((a, b) => (a.camera?.since ?? 0) - (b.camera?.since ?? 0))[0];
    if (oldest !== undefined) this.forget(oldest.id);
    return oldest !== undefined;
  }

  #update(holder: Holder, camera: CameraInfo): void {
    const entry = this.#entry(camera.id);
    // Before the numbers: who follows must know the camera when its tracks are announced.
    this.#know(entry, camera.state === "live" ? camera : { ...past(entry.camera), ...camera });
    const offered = new Set(camera.tracks.map(({ name }) => name));
    for (const name of offered) {
      const channel = this.#channel(entry, name);
      if (channel.number === undefined) channel.renumber(this.#newNumber());
    }
    for (const channel of entry.channels.values()) {
      if (!offered.has(channel.track)) this.#retire(channel);
      if (camera.state === "closed" || hasFailed(camera)) channel.clear();
    }
    this.#demand(entry, holder);
  }

  #leave(id: string, holder: Holder): void {
    const entry = this.#entries.get(id);
    if (entry?.publisher !== holder) return;
    entry.publisher = undefined;
    const times = [...entry.channels.values()].map(
      (channel) => channel.figures()?.newest?.capturedAt ?? micros(0),
    );
    const lastFrameAt = micros(Math.max(0, ...times));
    for (const channel of entry.channels.values()) this.#retire(channel);
    if (entry.camera !== undefined) {
      // A recorder that ends because its camera has failed has said why.
      const failed = hasFailed(entry.camera);
      const change = failed ? {} : { state: "gone" as const, since: now(), reason: "its recorder has ended" };
      this.#know(entry, { ...entry.camera, ...(lastFrameAt > 0 ? { lastFrameAt } : {}), ...change });
    }
    this.#tidy(entry);
    // One of those who wait takes the id; the others go on waiting.
    for (const retry of this.#waiting.get(id) ?? []) retry();
  }

  #wait(id: string, retry: () => void): () => void {
    const waiting = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiting.add(retry));
    return () => {
      waiting.delete(retry);
      if (waiting.size === 0) this.#waiting.delete(id);
    };
  }

  #retire(channel: Channel): void {
    if (channel.number === undefined) return;
    this.#numbersInUse.delete(channel.number);
    channel.renumber(undefined);
  }

  #newNumber(): number {
    // MAX_CAMERAS * MAX_TRACKS_PER_CAMERA is a quarter of the numbers, so there is always a free one; the search
    // goes round, so that a number comes again as late as possible.
    do this.#lastNumber = (this.#lastNumber % Limits.MAX_U16) + 1;
    while (this.#numbersInUse.has(this.#lastNumber));
    this.#numbersInUse.add(this.#lastNumber);
    return this.#lastNumber;
  }

  #entry(id: string): Entry {
    const known = this.#entries.get(id);
    if (known !== undefined) return known;
    const entry: Entry = { id, camera: undefined, publisher: undefined, channels: new Map() };
    this.#entries.set(id, entry);
    return entry;
  }

  #channel(entry: Entry, track: string): Channel {
    const known = entry.channels.get(track);
    if (known !== undefined) return known;
    const changed = (): void => {
      if (entry.publisher !== undefined) this.#demand(entry, entry.publisher);
      this.#tidy(entry);
    };
    const channel = new Channel(track, changed, () => entry.publisher?.events.keyframe(track));
    entry.channels.set(track, channel);
    return channel;
  }

  #demand(entry: Entry, holder: Holder): void {
    const tracks = [...entry.channels.values()].filter((c) => c.subscribers > 0 && c.number !== undefined);
    const names = tracks.map(({ track }) => track).sort();
    if (holder.told === names.join()) return;
    holder.told = names.join();
    holder.events.demand(new Set(names));
  }

  /** Drop what nobody publishes and nobody takes: a viewer that asks for strange names leaves nothing behind. */
  #tidy(entry: Entry): void {
    for (const [track, channel] of entry.channels) {
      if (channel.subscribers === 0 && channel.number === undefined) entry.channels.delete(track);
    }
    const unused = entry.channels.size === 0 && entry.publisher === undefined && entry.camera === undefined;
    if (unused && this.#entries.get(entry.id) === entry) this.#entries.delete(entry.id);
  }

  /** This is known of a camera now, and told to all who follow, unless it was known. */
  #know(entry: Entry, camera: CameraInfo | undefined): void {
    // A hub says what it knows to whoever begins to watch: what one viewer does here must not be heard by all others.
    const isNew = !isDeepStrictEqual(camera, entry.camera);
    entry.camera = camera;
    if (camera === undefined) this.#listed.delete(entry.id);
    else this.#listed.set(entry.id, entry);
    if (!isNew) return;
    this.#directory = undefined;
    for (const changed of this.#followers) changed(entry.id, camera);
  }
}

/** What a recorder that was started again does not know of the one before it. */
function past(camera: CameraInfo | undefined): Pick<CameraInfo, "lastFrameAt"> {
  return camera?.lastFrameAt === undefined ? {} : { lastFrameAt: camera.lastFrameAt };
}

/** What a publication may do to its bus. */
interface Desk {
  take(): Holder | string;
  update(holder: Holder, camera: CameraInfo): void;
  put(track: string, frame: OfferedFrame): void;
  leave(holder: Holder): void;
  wait(retry: () => void): () => void;
  refused(reason: string): void;
}

/** A camera on a memory bus; waits for its id while another has it. */
class MemoryPublication implements Publication {
  readonly dropped = 0;
  readonly #desk: Desk;
  #camera: CameraInfo;
  #holder: Holder | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(camera: CameraInfo, desk: Desk) {
    this.#camera = camera;
    this.#desk = desk;
    this.#stopWaiting = desk.wait(() => this.#take());
    this.#take();
  }

  update(camera: CameraInfo): void {
    this.#camera = camera;
    if (this.#holder !== undefined) this.#desk.update(this.#holder, camera);
  }

  publish(track: string, frame: OfferedFrame): void {
    if (this.#holder !== undefined) this.#desk.put(track, frame);
  }

  close(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    if (this.#holder !== undefined) this.#desk.leave(this.#holder);
    this.#holder = undefined;
  }

  #take(): void {
    if (this.#holder !== undefined) return;
    const answer = this.#desk.take();
    if (typeof answer === "string") {
      this.#desk.refused(answer);
      return;
    }
    this.#holder = answer;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    this.#desk.update(answer, this.#camera);
  }
}
