import { type CameraControl, type CameraInfo, Limits, now, ProtocolError } from "../protocol/index.ts";
import type { Publication } from "./bus.ts";
import { ControlError } from "./control-calls.ts";
import { LingeringDemand } from "./lingering-demand.ts";
import type { MemoryBus } from "./memory-bus.ts";
import { NatsClock } from "./nats-clock.ts";
import { NatsError } from "./nats-error.ts";
import type { NatsLink } from "./nats-link.ts";
import { type Beat, decodeAdjusted, decodeBeat, encode, type Farewell } from "./nats-messages.ts";
import { askSubject, cameraOf, cameraSubject, demandSubject, ROLL_SUBJECT } from "./nats-subjects.ts";
import { Tap } from "./nats-tap.ts";

/** Milliseconds that a camera has to answer a question to its controls. A driver that moves a lens takes its time. */
const ADJUST_TIMEOUT_MS = 5000;

/** How much later than due a look at the beats may come before it says nothing: this program was asleep itself. */
const ASLEEP_MS = 1000;

/** The cameras on NATS, repeated on a memory bus of this process: each track is taken once, and only while somebody takes it here. */
export class NatsMirror {
  readonly #local: MemoryBus;
  readonly #link: NatsLink;
  readonly #member: string;
  readonly #cameras = new Map<string, MirroredCamera>();
  #lookedAtMs = performance.now();

  /** `member` names this program among those who take tracks. */
  constructor(local: MemoryBus, link: NatsLink, member: string) {
    this.#local = local;
    this.#link = link;
    this.#member = member;
  }

  /** NATS is there: ask who is there, and take again what was taken. */
  attach(): void {
    this.#link.subscribe(cameraSubject("*"), (data, subject) => this.#hear(cameraOf(subject), data));
    this.#link.tell(ROLL_SUBJECT, new Uint8Array(0));
    const nowMs = performance.now();
    for (const camera of this.#cameras.values()) camera.attach(nowMs);
  }

  /** Say what is taken. */
  beat(): void {
    for (const camera of this.#cameras.values()) camera.renew();
  }

  /** Every `everyMs`: see who is silent. */
  look(everyMs: number): void {
    const nowMs = performance.now();
    const isAsleep = nowMs - this.#lookedAtMs > everyMs + ASLEEP_MS;
    this.#lookedAtMs = nowMs;
    for (const camera of this.#cameras.values()) {
      // What came meanwhile has not been read yet.
      if (isAsleep) camera.heardAtMs = nowMs;
      else if (nowMs - camera.heardAtMs >= Limits.BEAT_TIMEOUT_MS) {
        camera.lose(this.#link.connected ? "its recorder does not answer" : "no connection to NATS");
      }
    }
  }

  /** The run of a camera that is listed. */
  run(id: string): string | undefined {
    return this.#cameras.get(id)?.run;
  }

  /** Take nothing any more. */
  close(): void {
    for (const camera of this.#cameras.values()) camera.close();
  }

  #hear(id: string | undefined, data: Uint8Array): void {
    const known = this.#cameras.get(id ?? "");
    if (known?.repeats(data) === true) return;
    try {
      const beat = decodeBeat(data);
      if (beat.type === "removed") this.#end(known, beat);
      else if (beat.camera.id !== id) return;
      else if (known !== undefined) known.receive(beat, data);
      else this.#add(beat, data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  }

  #end(camera: MirroredCamera | undefined, { run, forget }: Farewell): void {
    if (camera === undefined || camera.run !== run) return;
    camera.end(run);
    if (forget !== true) return;
    this.#cameras.delete(camera.id);
    camera.forget();
  }

  #add(beat: Beat, data: Uint8Array): void {
    if (this.#cameras.size >= Limits.MAX_CAMERAS && !this.#makeRoom()) return;
    const { id } = beat.camera;
    this.#cameras.set(id, new MirroredCamera(this.#local, this.#link, this.#member, beat, data));
  }

  /** The one that is gone for the longest is listed no longer. */
  #makeRoom(): boolean {
    const gone = [...this.#cameras.values()].filter(({ isGone }) => isGone);
    const oldest = gone.sort((a, b) => a.heardAtMs - b.heardAtMs)[0];
    if (oldest === undefined) return false;
    this.#cameras.delete(oldest.id);
    oldest.forget();
    return true;
  }
}

/** One camera on NATS, as it stands on the local bus. */
class MirroredCamera {
  readonly id: string;
  heardAtMs = performance.now();
  readonly #local: MemoryBus;
  readonly #link: NatsLink;
  readonly #member: string;
  readonly #taps = new Map<string, Tap>();
  readonly #lingering = new LingeringDemand((tracks) => this.#demand(tracks));
  readonly #clock: NatsClock;
  readonly #publication: Publication;
  #beat: Beat;
  #data: Uint8Array;
  /** What is said of it here, while that is other than what it says of itself. */
  #gone: CameraInfo | undefined;
  #skipped = 0;

  constructor(local: MemoryBus, link: NatsLink, member: string, beat: Beat, data: Uint8Array) {
    this.id = beat.camera.id;
    this.#local = local;
    this.#link = link;
    this.#member = member;
    this.#beat = beat;
    this.#data = data;
    this.#clock = new NatsClock(this.id, link, () => this.#update());
    this.#publication = local.publish(this.#info, {
      demand: (tracks) => this.#lingering.want(tracks),
      keyframe: (track) => link.tell(askSubject(this.id), encode({ type: "keyframe", track })),
      refused: () => {},
      adjust: (set) => this.#adjust(set),
    });
  }

  /** Names the run of its recorder that is, or was, the last one. */
  get run(): string {
    return this.#beat.run;
  }

  /** Whether its recorder is not there. */
  get isGone(): boolean {
    return this.#gone !== undefined;
  }

  /** Whether this beat says the same as the last one: then there is nothing to do, and it need not be read. */
  repeats(data: Uint8Array): boolean {
    if (this.isGone || Buffer.compare(data, this.#data) !== 0) return false;
    this.heardAtMs = performance.now();
    return true;
  }

  receive(beat: Beat, data: Uint8Array): void {
    const isOther = beat.run !== this.#beat.run;
    // Two have it for the moment: the one with the larger name gives it up.
    if (isOther && !this.isGone && beat.run > this.#beat.run) return;
    const wasGone = this.isGone;
    this.heardAtMs = performance.now();
    this.#beat = beat;
    this.#data = Uint8Array.from(data);
    this.#gone = undefined;
    if (isOther) this.#clock.clear();
    if (!isOther && !wasGone) {
      this.#update();
      return;
    }
    // What was held is of the past, and nothing that comes follows it.
    for (const { name } of beat.camera.tracks) this.#local.renumber(this.id, name);
    this.#update();
    this.renew();
    for (const tap of this.#taps.values()) tap.restart();
  }

  /** The recorder says that it ends. */
  end(run: string): void {
    if (run !== this.#beat.run || this.isGone) return;
    const { state } = this.#beat.camera;
    // A recorder that ends because its camera has failed has said why.
    if (state === "gone" || state === "stalled") this.#lose(this.#beat.camera);
    else this.lose("its recorder has ended");
  }

  /** Nothing is known of it now. */
  lose(reason: string): void {
    if (!this.isGone) this.#lose({ ...this.#beat.camera, state: "gone", since: now(), reason });
  }

  /** NATS is there again. */
  attach(nowMs: number): void {
    // Its beats have had no way to come.
    if (!this.isGone) this.heardAtMs = nowMs;
    this.#clock.clear();
    this.renew();
    for (const tap of this.#taps.values()) tap.open();
  }

  /** Say what is taken here. */
  renew(): void {
    if (this.#taps.size === 0) return;
    this.#lease([...this.#taps.keys()]);
    this.#clock.ask();
  }

  close(): void {
    this.#lingering.clear();
    if (this.#taps.size === 0) return;
    for (const tap of this.#taps.values()) tap.close();
    this.#taps.clear();
    this.#lease([]);
  }

  /** List it no longer. */
  forget(): void {
    this.close();
    this.#publication.close();
    this.#local.forget(this.id);
  }

  get #info(): CameraInfo {
    if (this.#gone !== undefined) return this.#gone;
    return this.#clock.mark(this.#beat.camera);
  }

  #update(): void {
    this.#publication.update(this.#info);
  }

  #lose(camera: CameraInfo): void {
    this.#gone = camera;
    this.#update();
  }

  #lease(tracks: readonly string[]): void {
    this.#link.tell(demandSubject(this.id), encode({ member: this.#member, tracks }));
  }

  #demand(tracks: ReadonlySet<string>): void {
    let isOther = false;
    for (const [track, tap] of this.#taps) {
      if (tracks.has(track)) continue;
      tap.close();
      this.#taps.delete(track);
      isOther = true;
    }
    const opened: Tap[] = [];
    for (const track of tracks) {
      if (this.#taps.has(track)) continue;
      const tap = this.#tap(track);
      this.#taps.set(track, tap);
      opened.push(tap);
    }
    if (opened.length > 0) this.renew();
    else if (isOther) this.#lease([...this.#taps.keys()]);
    // After the lease: a recorder gives what it holds to those who are known to take it.
    for (const tap of opened) tap.open();
  }

  #tap(track: string): Tap {
    const options = {
      camera: this.id,
      track,
      isPictures: () => this.#beat.camera.tracks.find(({ name }) => name === track)?.codec === "jpeg",
      number: () => this.#beat.number,
      put: (frame: Parameters<Publication["publish"]>[1]) => this.#publication.publish(track, frame),
      skipped: () => this.#skipped++,
    };
    return new Tap(options, this.#link);
  }

  async #adjust(set: ReadonlyMap<string, number>): Promise<readonly CameraControl[]> {
    const question = encode({ type: "adjust", camera: this.id, call: 0, set: Object.fromEntries(set) });
    let data: Uint8Array;
    try {
      data = await this.#link.request(askSubject(this.id), question, ADJUST_TIMEOUT_MS);
    } catch (error) {
      const isNobody = error instanceof NatsError && error.kind === "nobody";
      throw new ControlError(
        isNobody
          ? "the camera has no recorder at present"
          : `the camera did not answer within ${ADJUST_TIMEOUT_MS / 1000} s`,
      );
    }
    const { controls, reason } = decodeAdjusted(data);
    if (reason !== undefined) throw new ControlError(reason);
    return controls;
  }
}
