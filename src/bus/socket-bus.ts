import { connect, type OnReadOpts, type Socket } from "node:net";
import { Backoff } from "../flow/index.ts";
import { type CameraInfo, Control } from "../protocol/index.ts";
import { type LocalAddress, netOptions } from "./address.ts";
import type { Publication, PublisherEvents } from "./bus.ts";
import { Mirror } from "./mirror.ts";
import { MirroredBus } from "./mirrored-bus.ts";
import { Outbox } from "./outbox.ts";
import { PacketSocket } from "./packet-socket.ts";
import { distrustSocket } from "./trusted-path.ts";

/** Delays between attempts to reach the mapper. It is on this machine: an attempt costs little. */
const RECONNECT = { firstMs: 50, maxMs: 1000 } as const;

/** How a {@link SocketBus} is doing; for the log. */
export interface SocketBusEvents {
  /** The mapper is there. */
  connected(): void;
  /** The mapper's cameras are known; after each {@link connected} of a bus that subscribes. */
  listed(): void;
  /** The mapper is not there, and why. Called once per loss, not per attempt. */
  lost(reason: string): void;
}

/**
 * The bus to a mapper in another process of this machine, over a local socket. It connects by itself, again and
 * again: publications and subscriptions outlive the mapper.
 */
export class SocketBus extends MirroredBus {
  readonly #address: LocalAddress;
  readonly #events: SocketBusEvents;
  readonly #mirror = new Mirror(this.local);
  readonly #outboxes = new Set<Outbox>();
  readonly #backoff = new Backoff(RECONNECT);
  /** Whether cameras are followed: a recorder only publishes and need not know the others. */
  readonly #subscribes: boolean;
  #socket: PacketSocket | undefined;
  /** The same socket, once the mapper has said hello. */
  #mapper: PacketSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #lostReason: string | undefined;
  #disposed: (() => void) | undefined;

  /** Starts to connect at once. `subscribes: false` is for a program that only publishes. */
  constructor(address: LocalAddress, events: SocketBusEvents, options: { readonly subscribes: boolean }) {
    super();
    this.#address = address;
    this.#events = events;
    this.#subscribes = options.subscribes;
    this.#connect();
  }

  /** Whether the mapper is there. */
  get isConnected(): boolean {
    return this.#mapper !== undefined;
  }

  /** See {@link Bus.publish}. */
  publish(camera: CameraInfo, events: PublisherEvents): Publication {
    const outbox = new Outbox(camera, events, () => {
      this.#outboxes.delete(outbox);
      this.#attach(this.#holder(camera.id));
    });
    const holder = this.#holder(camera.id);
    this.#outboxes.add(outbox);
    if (holder === undefined) this.#attach(outbox);
    else events.refused(`this program publishes the camera id "${camera.id}" already`);
    return outbox;
  }

  /** See {@link MirroredBus.forget}. */
  forget(id: string): void {
    if (this.#holder(id) === undefined) this.#mapper?.tell({ type: "removed", camera: id });
  }

  /** Say good-bye and end the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#socket !== undefined) {
      const closed = new Promise<void>((resolve) => {
        this.#disposed = resolve;
      });
      this.#socket.close();
      await closed;
    }
    this.#disposed ??= () => {};
    this.#mirror.close();
    await this.local[Symbol.asyncDispose]();
  }

  #connect(): void {
    const open = (onread: OnReadOpts): Socket => {
      const socket = connect({ ...netOptions(this.#address), onread });
      return socket.once("connect", () => {
        const reason = this.#address.kind === "path" ? distrustSocket(this.#address.path) : undefined;
        if (reason === undefined) packets.tell({ type: "hello", version: Control.PROTOCOL_VERSION });
        else socket.destroy(new Error(reason));
      });
    };
    const packets = new PacketSocket(open, {
      control: (message) => {
        if (message.type === "hello") this.#greeted(packets);
        else this.#receive(message);
      },
      frame: (frame) => this.#mirror.frame(frame),
      acknowledge: () => {},
      drained: () => {
        for (const outbox of this.#outboxes) outbox.drained();
      },
      closed: (reason) => this.#closed(reason),
    });
    this.#socket = packets;
  }

  #greeted(socket: PacketSocket): void {
    this.#mapper = socket;
    this.#backoff.reset();
    this.#lostReason = undefined;
    this.#events.connected();
    if (this.#subscribes) this.#mirror.attach(socket);
    for (const outbox of this.#outboxes) if (this.#holder(outbox.id) === outbox) outbox.attach(socket);
  }

  /** Whose turn it is to hold a camera id: the oldest publication of it. */
  #holder(id: string): Outbox | undefined {
    for (const outbox of this.#outboxes) if (outbox.id === id) return outbox;
    return undefined;
  }

  #attach(outbox: Outbox | undefined): void {
    if (this.#mapper !== undefined) outbox?.attach(this.#mapper);
  }

  #closed(reason: string): void {
    const wasUp = this.#mapper !== undefined;
    this.#socket = undefined;
    this.#mapper = undefined;
    if (this.#disposed !== undefined) {
      this.#disposed();
      return;
    }
    if (wasUp) {
      this.#mirror.detach("no connection to the mapper");
      for (const outbox of this.#outboxes) outbox.detach();
    }
    if (this.#lostReason === undefined) {
      this.#lostReason = reason;
      this.#events.lost(reason);
    }
    this.#timer = setTimeout(() => this.#connect(), this.#backoff.next());
  }

  #receive(message: Control.Control): void {
    switch (message.type) {
      case "cameras":
        this.#mirror.receive(message);
        this.#events.listed();
        return;
      case "camera":
      case "removed":
      case "watching":
      case "adjusted":
        this.#mirror.receive(message);
        return;
      case "published":
      case "demand":
      case "keyframe":
      case "refused":
      case "adjust":
        this.#holder(message.camera)?.receive(message);
        return;
      default:
        // A later mapper may say more than this program knows.
        return;
    }
  }
}
