import type { Bus, Subscription } from "../bus/index.ts";
import { Limits, ProtocolError } from "../protocol/index.ts";
import type { FrameBytes } from "./frame-bytes.ts";
import type { ViewerEvents, ViewerSocket } from "./web-socket.ts";

/** One viewer of the simple protocol: any text asks for a JPEG newer than the last one. */
export class SimpleViewer implements ViewerEvents {
  readonly #socket: ViewerSocket;
  readonly #messages: FrameBytes;
  readonly #bus: Bus;
  readonly #track: string;
  #subscription: Subscription | undefined;
  #unfollow: (() => void) | undefined;
  #pending = 0;
  #lastSent: number | undefined;

  /**
   * `messages` makes the simple protocol's WebSocket messages; all viewers share it. `camera`: the one to take; absent: the
   * first that there is. `track`: one in JPEG; absent: the whole picture.
   */
  constructor(
    bus: Bus,
    socket: ViewerSocket,
    messages: FrameBytes,
    { camera, track }: { readonly camera?: string | undefined; readonly track?: string | undefined },
  ) {
    this.#track = track ?? "jpeg";
    this.#messages = messages;
    this.#bus = bus;
    this.#socket = socket;
    if (camera !== undefined) {
      this.#subscribe(camera);
      return;
    }
    // The first camera may come later, and the one that was the first may be taken away.
    let first = bus.cameras()[0]?.id;
    const choose = (): void => {
      if (first !== undefined) this.#subscribe(first);
    };
    this.#unfollow = bus.follow((id, info) => {
      if (info === undefined ? id !== first : first !== undefined) return;
      first = bus.cameras()[0]?.id;
      choose();
    });
    choose();
  }

  /** Whatever it says, it asks for a picture. @throws ProtocolError `HW_FLOOD` */
  text(): void {
    if (this.#pending >= Limits.MAX_PENDING_REQUESTS) {
      throw new ProtocolError(
        "HW_FLOOD",
        `more than ${Limits.MAX_PENDING_REQUESTS} requests wait for an answer`,
      );
    }
    this.#pending++;
    this.#pump();
  }

  /** @throws ProtocolError `HW_UNEXPECTED`, always */
  binary(): void {
    throw new ProtocolError("HW_UNEXPECTED", "the simple protocol takes text: any text asks for a picture");
  }

  /** The socket has room again. */
  drained(): void {
    this.#pump();
  }

  /** The viewer left. */
  closed(): void {
    this.#unfollow?.();
    this.#subscription?.close();
  }

  #subscribe(camera: string): void {
    this.#subscription?.close();
    this.#lastSent = undefined;
    this.#subscription = this.#bus.subscribe(camera, this.#track, {
      frame: () => this.#pump(),
      renumbered: () => {
        this.#lastSent = undefined;
      },
    });
    this.#pump();
  }

  #pump(): void {
    while (this.#pending > 0 && this.#socket.ready) {
      const frame = this.#subscription?.after(this.#lastSent);
      if (frame === undefined) return;
      this.#lastSent = frame.sequence;
      this.#pending--;
      this.#socket.write(this.#messages.of(frame));
    }
  }
}
