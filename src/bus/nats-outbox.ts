import { randomBytes, randomInt } from "node:crypto";
import { Gop, KeyframeWishes, Reader } from "../flow/index.ts";
import { type CameraInfo, type Frame, Limits, now, ProtocolError } from "../protocol/index.ts";
import type { OfferedFrame, Publication, PublisherEvents } from "./bus.ts";
import { answerControl, ControlError } from "./control-calls.ts";
import { Lanes } from "./lanes.ts";
import { Answers } from "./nats-answers.ts";
import { Claim } from "./nats-claim.ts";
import { Leases } from "./nats-leases.ts";
import type { NatsLink, NatsTaker } from "./nats-link.ts";
import { decodeAsk, decodeLease, encode } from "./nats-messages.ts";
import { split } from "./nats-parts.ts";
import { askSubject, cameraSubject, demandSubject, framesSubject } from "./nats-subjects.ts";

/** Milliseconds for which a frame of a track that nobody took is still the present. */
const MAX_IDLE_MS = 1000;

/** One track on its way. */
interface Lane {
  readonly gop: Gop;
  readonly reader: Reader;
  readonly subject: string;
  readonly wishes: KeyframeWishes;
  putAtMs: number;
}

/**
 * A camera on its way to NATS: the newest GOP of each track, of which frames leave while somebody takes them and NATS confirms
 * those before. What is held also answers newcomers. It lives longer than a connection.
 */
export class NatsOutbox implements Publication {
  readonly #link: NatsLink;
  readonly #events: PublisherEvents;
  readonly #closed: () => void;
  readonly #lanes = new Lanes<Lane>((track) => ({
    gop: new Gop(),
    reader: new Reader({ skipsDiscardable: false }),
    subject: framesSubject(this.id, track),
    wishes: new KeyframeWishes(),
    putAtMs: Number.NEGATIVE_INFINITY,
  }));
  readonly #leases = new Leases();
  readonly #claim: Claim;
  readonly #answers: Answers;
  readonly #run = randomBytes(12).toString("hex");
  readonly #number = randomInt(1, Limits.MAX_U16 + 1);
  #ends: (() => void)[] = [];
  #camera: CameraInfo;
  #told: string | undefined;
  #wanted: ReadonlySet<string> = new Set();
  #done = false;

  constructor(camera: CameraInfo, events: PublisherEvents, link: NatsLink, closed: () => void) {
    this.#camera = camera;
    this.#events = events;
    this.#link = link;
    this.#closed = closed;
    this.#answers = new Answers(link);
    this.#claim = new Claim(camera.id, this.#run, link, {
      taken: () => this.#taken(),
      contested: () => this.#announce(),
      refused: (reason) => {
        this.#release();
        this.#demand(new Set());
        this.#events.refused(reason);
      },
    });
  }

  /** The camera's id. */
  get id(): string {
    return this.#camera.id;
  }

  /** Names this run of the camera's recorder. */
  get run(): string {
    return this.#run;
  }

  /** See {@link Publication.dropped}. */
  get dropped(): number {
    return this.#lanes.dropped;
  }

  /** See {@link Publication.update}. */
  update(camera: CameraInfo): void {
    this.#camera = camera;
    this.#lanes.follow(camera);
    this.#announce();
    this.#look();
  }

  /** See {@link Publication.publish}. */
  publish(track: string, frame: OfferedFrame): void {
    const lane = this.#lanes.of(track);
    lane.putAtMs = performance.now();
    if (lane.gop.put({ ...frame, track: this.#number })) this.#pump(track, lane);
    // Nothing of it leaves, so nobody misses it.
    else if (this.#wanted.has(track)) this.#want(track);
  }

  /** See {@link Publication.close}. */
  close(): void {
    if (this.#done) return;
    this.#done = true;
    if (this.#claim.isHeld)
      this.#link.tell(cameraSubject(this.id), encode({ type: "removed", run: this.#run }));
    this.detach();
    this.#closed();
  }

  /** NATS is there: take the camera id. */
  attach(): void {
    this.#release();
    this.#claim.attach();
  }

  /** NATS is not there. */
  detach(): void {
    this.#claim.detach();
    this.#release();
  }

  /** NATS does not let this user do something that concerns this camera. */
  forbidden(reason: string): void {
    this.#claim.forbidden(reason);
  }

  /** Once a second: say that it is there, and see who still takes something. */
  beat(): void {
    this.#announce();
    this.#look();
  }

  /** NATS has room again. */
  drained(): void {
    for (const [track, lane] of this.#lanes) this.#pump(track, lane);
    this.#answers.pump();
  }

  #taken(): void {
    this.#ends.push(this.#link.subscribe(demandSubject(this.id), (data) => this.#lease(data)));
    this.#ends.push(
      this.#link.subscribe(askSubject(this.id), (data, _subject, reply) => this.#asked(data, reply)),
    );
    this.#announce();
    this.#told ??= "?";
    this.#look();
  }

  #release(): void {
    this.#answers.clear();
    for (const end of this.#ends.splice(0)) end();
  }

  #announce(): void {
    if (!this.#claim.isHeld) return;
    const beat = { type: "camera", run: this.#run, number: this.#number, camera: this.#camera } as const;
    this.#link.tell(cameraSubject(this.id), encode(beat));
  }

  #lease(data: Uint8Array): void {
    try {
      this.#leases.renew(decodeLease(data), performance.now());
    } catch (error) {
      if (error instanceof ProtocolError) return;
      throw error;
    }
    this.#look();
  }

  /** See what is taken now. Without a connection leases end as they do with one. */
  #look(): void {
    if (this.#told === undefined) return;
    const offered = new Set(this.#camera.tracks.map(({ name }) => name));
    const taken = [...this.#leases.taken(performance.now())].filter((track) => offered.has(track));
    this.#demand(new Set(taken.sort()));
  }

  #demand(tracks: ReadonlySet<string>): void {
    const names = [...tracks].join();
    if (this.#told === undefined || this.#told === names) return;
    this.#told = names;
    const nowMs = performance.now();
    for (const track of tracks) {
      if (this.#wanted.has(track)) continue;
      const lane = this.#lanes.of(track);
      // Nobody took it, so it may not have been produced: what is held may be from long ago.
      if (nowMs - lane.putAtMs > MAX_IDLE_MS) lane.gop.clear();
      // What is held already is sent to who asks for it.
      lane.reader.skip(lane.gop);
    }
    this.#wanted = tracks;
    this.#events.demand(tracks);
  }

  #asked: NatsTakerOf = (data, reply) => {
    try {
      const ask = decodeAsk(data);
      if (ask.type === "keyframe") this.#want(ask.track);
      else if (reply === undefined) return;
      else if (ask.type === "newest") this.#give(ask.track, reply);
      else if (ask.type === "time")
        this.#link.tell(reply, encode({ type: "time", sent: ask.sent, at: now() }));
      else {
        const { adjust } = this.#events;
        const none = (): Promise<never> => Promise.reject(new ControlError("the camera has no controls"));
        answerControl(ask, adjust ?? none, (answer) => this.#link.tell(reply, encode(answer)));
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
  };

  /** Its own wishes and those of everybody at NATS are one. */
  #want(track: string): void {
    if (this.#lanes.get(track)?.wishes.admits(performance.now())) this.#events.keyframe(track);
  }

  /** What is held of a track, for a newcomer. What comes from now on comes to all. */
  #give(track: string, reply: string): void {
    const lane = this.#lanes.get(track);
    const frames: Frame.Frame[] = [];
    if (lane !== undefined && this.#wanted.has(track)) {
      let bytes = 0;
      let last: number | undefined;
      for (let frame = lane.gop.after(undefined); frame !== undefined; frame = lane.gop.after(last)) {
        if (last !== undefined) bytes += frame.payload.byteLength;
        last = frame.sequence;
        frames.push(frame);
      }
      if (bytes > Limits.MAX_JOIN_BYTES) frames.length = 0;
      // Of a GOP that is too long, or was cut, a newcomer has none of the frames.
      if (frames.length === 0 && lane.gop.newest !== undefined) this.#want(track);
    }
    this.#answers.add(reply, frames);
  }

  #pump(track: string, lane: Lane): void {
    while (this.#claim.isHeld && this.#wanted.has(track) && this.#link.ready) {
      const frame = lane.reader.next(lane.gop);
      if (frame === undefined) {
        if (lane.reader.starving) this.#want(track);
        return;
      }
      this.#link.send(lane.subject, split(frame, this.#link.maxMessageBytes));
    }
  }
}

type NatsTakerOf = (data: Parameters<NatsTaker>[0], reply: Parameters<NatsTaker>[2]) => void;
