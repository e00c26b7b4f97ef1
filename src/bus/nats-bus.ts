import { randomBytes } from "node:crypto";
import { type CameraInfo, Limits } from "../protocol/index.ts";
import type { Publication, PublisherEvents } from "./bus.ts";
import { MirroredBus } from "./mirrored-bus.ts";
import type { NatsAddress } from "./nats-address.ts";
import { NatsLink } from "./nats-link.ts";
import { encode } from "./nats-messages.ts";
import { NatsMirror } from "./nats-mirror.ts";
import { NatsOutbox } from "./nats-outbox.ts";
import { cameraOf, cameraSubject, ROLL_SUBJECT } from "./nats-subjects.ts";

/** How a {@link NatsBus} is doing; for the log. */
export interface NatsBusEvents {
  /** NATS is there. */
  connected(): void;
  /** NATS is not there, and why. Called once per loss, not per attempt. */
  lost(reason: string): void;
  /** NATS does not let this user do something. */
  forbidden(reason: string): void;
}

/** Looks at who is silent per beat: one that has just been too silent is not taken for there until the next beat. */
const LOOKS_PER_BEAT = 4;

/** Sentences that are remembered, so that none is said twice. */
const MAX_COMPLAINTS = 256;

/** The bus between machines: programs that meet on a NATS server or cluster. It connects by itself, again and again. */
export class NatsBus extends MirroredBus {
  readonly #events: NatsBusEvents;
  readonly #outboxes = new Set<NatsOutbox>();
  readonly #complaints = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  readonly #subscribes: boolean;
  #link: NatsLink | undefined;
  #mirror: NatsMirror | undefined;
  #answersRoll = false;
  /** The camera that this program has fed last. */
  #ended: Pick<NatsOutbox, "id" | "run"> | undefined;

  /**
   * Resolves when NATS is there, or cannot be reached for now. `subscribes: false` is for a program that only publishes.
   * @throws NatsError if NATS refuses this program for a reason that the user has to put right
   */
  static async open(
    address: NatsAddress,
    events: NatsBusEvents,
    options: { readonly subscribes: boolean },
  ): Promise<NatsBus> {
    const bus = new NatsBus(events, options.subscribes);
    try {
      const link = await NatsLink.open(address, options.subscribes ? "server" : "recorder", {
        // The first time it is not there yet.
        connected: () => bus.#connected(),
        lost: (reason) => bus.#lost(reason),
        drained: () => {
          for (const outbox of bus.#outboxes) outbox.drained();
        },
        forbidden: (subject, reason) => bus.#forbidden(subject, reason),
      });
      bus.#start(link);
    } catch (error) {
      clearInterval(bus.#timer);
      throw error;
    }
    return bus;
  }

  private constructor(events: NatsBusEvents, subscribes: boolean) {
    super();
    this.#events = events;
    this.#subscribes = subscribes;
    const lookMs = Limits.BEAT_MS / LOOKS_PER_BEAT;
    let looks = 0;
    this.#timer = setInterval(() => {
      this.#mirror?.look(lookMs);
      if (++looks % LOOKS_PER_BEAT === 0) this.#beat();
    }, lookMs);
  }

  /** Whether NATS is there. */
  get isConnected(): boolean {
    return this.#link?.connected === true;
  }

  /** See {@link Bus.publish}. */
  publish(camera: CameraInfo, events: PublisherEvents): Publication {
    const link = this.#linked;
    const outbox = new NatsOutbox(camera, events, link, () => {
      this.#outboxes.delete(outbox);
      this.#ended = outbox;
      if (link.connected) this.#holder(camera.id)?.attach();
    });
    const holder = this.#holder(camera.id);
    this.#outboxes.add(outbox);
    this.#answerRoll();
    if (holder !== undefined) events.refused(`this program publishes the camera id "${camera.id}" already`);
    else if (link.connected) outbox.attach();
    return outbox;
  }

  /** See {@link MirroredBus.forget}. */
  forget(id: string): void {
    const run = this.#ended?.id === id ? this.#ended.run : this.#mirror?.run(id);
    if (run === undefined || this.#holder(id) !== undefined) return;
    this.#link?.tell(cameraSubject(id), encode({ type: "removed", run, forget: true }));
  }

  /** Say good-bye and end the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#mirror?.close();
    for (const outbox of this.#outboxes) outbox.close();
    await this.#link?.close();
    await this.local[Symbol.asyncDispose]();
  }

  get #linked(): NatsLink {
    if (this.#link === undefined) throw new Error("a NATS bus is used before it is open");
    return this.#link;
  }

  #start(link: NatsLink): void {
    this.#link = link;
    if (this.#subscribes) this.#mirror = new NatsMirror(this.local, link, randomBytes(12).toString("hex"));
    if (link.connected) this.#attach();
  }

  #connected(): void {
    if (this.#link !== undefined) this.#attach();
    this.#events.connected();
  }

  #attach(): void {
    this.#answersRoll = false;
    if (this.#outboxes.size > 0) this.#answerRoll();
    this.#mirror?.attach();
    for (const outbox of this.#outboxes) if (this.#holder(outbox.id) === outbox) outbox.attach();
  }

  /** Who publishes answers those who come later. */
  #answerRoll(): void {
    if (this.#answersRoll || this.#link?.connected !== true) return;
    this.#answersRoll = true;
    this.#link.subscribe(ROLL_SUBJECT, () => {
      for (const outbox of this.#outboxes) outbox.beat();
    });
  }

  #lost(reason: string): void {
    for (const outbox of this.#outboxes) outbox.detach();
    this.#events.lost(reason);
  }

  #beat(): void {
    for (const outbox of this.#outboxes) outbox.beat();
    this.#mirror?.beat();
  }

  #forbidden(subject: string, reason: string): void {
    if (this.#complaints.size < MAX_COMPLAINTS && !this.#complaints.has(reason)) {
      this.#complaints.add(reason);
      this.#events.forbidden(reason);
    }
    this.#holder(cameraOf(subject) ?? "")?.forbidden(reason);
  }

  /** Whose turn it is to hold a camera id: the oldest publication of it. */
  #holder(id: string): NatsOutbox | undefined {
    for (const outbox of this.#outboxes) if (outbox.id === id) return outbox;
    return undefined;
  }
}
