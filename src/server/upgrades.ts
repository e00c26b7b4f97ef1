import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { isCameraId, Limits, ProtocolError } from "../protocol/index.ts";
import type { Entrance, Stay } from "./access/entrance.ts";
import type { AccessRequest, Refusal } from "./access/gate.ts";
import { ControlBytes } from "./control-bytes.ts";
import { FrameBytes, fullMessage, simpleMessage } from "./frame-bytes.ts";
import { type Arrivals, outsideOf } from "./outside.ts";
import { RefusedConnections } from "./refused-connections.ts";
import { SimpleViewer } from "./simple-viewer.ts";
import { Viewer } from "./viewer.ts";
import type { ViewerSockets } from "./web-socket.ts";

/** Names of tracks in JPEG: what the simple protocol gives. */
const PICTURE_TRACK = /^jpeg(-[a-z0-9-]{1,27})?$/;

/** What the viewers of a server come through, and where they stay. */
export interface UpgradeParts {
  readonly entrance: Entrance;
  readonly sockets: ViewerSockets;
  readonly arrivals: Arrivals;
  /** Names this server among others. */
  readonly hub: string | undefined;
}

/** Why an upgrade is not taken. */
type Broken = Pick<Refusal, "reason" | "waitSeconds"> & { readonly status: number };

const GONE: Broken = { status: 400, reason: "the connection has ended" };

/** Takes WebSocket upgrades on `/ws`, through the same gate as every route. */
export class Upgrades {
  readonly #entrance: Entrance;
  readonly #sockets: ViewerSockets;
  readonly #arrivals: Arrivals;
  // Shared by all viewers.
  readonly #full: {
    readonly messages: FrameBytes;
    readonly words: ControlBytes;
    readonly hub: string | undefined;
  };
  readonly #simple = new FrameBytes(simpleMessage);
  readonly #refused = new RefusedConnections();

  constructor({ entrance, sockets, arrivals, hub }: UpgradeParts) {
    this.#full = { messages: new FrameBytes(fullMessage), words: new ControlBytes(), hub };
    this.#entrance = entrance;
    this.#sockets = sockets;
    this.#arrivals = arrivals;
  }

  /** Take one, or turn it away. */
  take(request: IncomingMessage, tcp: Duplex, head: Buffer): void {
    tcp.on("error", () => tcp.destroy());
    const url = this.#arrivals.take(request);
    this.#receive(request, url, tcp, head).catch(() => tcp.destroy());
  }

  /** End those at once that were turned away and have not left. */
  close(): void {
    this.#refused.close();
  }

  #turnAway(tcp: Duplex, broken: Broken): void {
    this.#refused.end(tcp, answer(broken));
  }

  async #receive(request: IncomingMessage, url: string, tcp: Duplex, head: Buffer): Promise<void> {
    const stay = await this.#entrance.admitUpgrade(askedBy(request, url));
    // A browser hides from its page why a handshake failed, and who waits for a place shall know that it does.
    if ("status" in stay && stay.status === 503 && this.#sockets.size < Limits.MAX_VIEWERS) {
      const broken = this.#sockets.upgrade(request, tcp, head, (socket) =>
        socket.close(new ProtocolError("HW_TOO_MANY", stay.reason)),
      );
      if (broken !== undefined) this.#turnAway(tcp, broken);
      return;
    }
    if ("status" in stay) {
      this.#turnAway(tcp, stay);
      return;
    }
    try {
      const broken = this.#welcome(request, url, tcp, head, stay);
      if (broken === undefined) return;
      this.#turnAway(tcp, broken);
      stay.leave();
    } catch (error) {
      stay.leave();
      throw error;
    }
  }

  #welcome(request: IncomingMessage, url: string, tcp: Duplex, head: Buffer, stay: Stay): Broken | undefined {
    const [path, query] = url.split("?");
    const fields = new URLSearchParams(query ?? "");
    const wish = { camera: fields.get("camera") ?? undefined, track: fields.get("track") ?? undefined };
    const { bus, visitor } = stay;
    // Whatever came while the gate decided.
    const late = tcp.read() as Buffer | null;
    if (tcp.destroyed) return GONE;
    const all = late === null ? head : Buffer.concat([head, late]);
    return (
      this.#refuse(path, wish) ??
      this.#sockets.upgrade(request, tcp, all, (socket, isFull) => {
        const viewer = isFull
          ? new Viewer(bus, socket, this.#full, visitor.role)
          : new SimpleViewer(bus, socket, this.#simple, wish);
        socket.listen(viewer, () => stay.leave());
        stay.begin(() => socket.close(new ProtocolError("HW_ENDED", "the access has ended")));
      })
    );
  }

  // One that the gate has admitted.
  #refuse(
    path: string | undefined,
    { camera, track }: { readonly camera: string | undefined; readonly track: string | undefined },
  ): Broken | undefined {
    if (path !== "/ws") return { status: 404, reason: "WebSockets are at /ws" };
    if (camera !== undefined && !isCameraId(camera)) {
      return { status: 400, reason: "camera must be an id of small letters, digits and -" };
    }
    if (track !== undefined && !PICTURE_TRACK.test(track)) {
      return { status: 400, reason: "track must be one in JPEG, such as jpeg-270p" };
    }
    if (this.#sockets.size >= Limits.MAX_VIEWERS) return { status: 503, reason: "too many viewers" };
    return undefined;
  }
}

/** What an upgrade says that the gate decides on. */
function askedBy(request: IncomingMessage, url: string): AccessRequest {
  const { method = "GET", headers } = request;
  const { address, scheme } = outsideOf(request);
  return { method, url, headers, address, secure: scheme === "https" };
}

/** A refusal as an HTTP response. */
function answer({ status, reason, waitSeconds }: Broken): string {
  const version = status === 426 ? "Sec-WebSocket-Version: 13\r\n" : "";
  const wait = waitSeconds === undefined ? "" : `Retry-After: ${waitSeconds}\r\n`;
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n${version}${wait}` +
    `Content-Type: text/plain\r\nContent-Length: ${reason.length}\r\n\r\n${reason}`
  );
}
