import type { CameraInfo } from "../protocol/index.ts";
import type { Link } from "./link.ts";
import { Session } from "./session.ts";

/** Told by a {@link Directory} at once and at every change; `cameras` is `undefined` until the server has answered once. */
export type DirectoryTold = (cameras: readonly CameraInfo[] | undefined, link: Link) => void;

/** The cameras of a server, kept up to date. */
export class Directory {
  readonly #session: Session;
  readonly #unlisten: () => void;
  #closed = false;

  /** Follow the directory of the server whose WebSocket is at `url` (absolute). */
  constructor(url: string, told: DirectoryTold) {
    const session = Session.acquire(url);
    const tell = (): void => told(session.cameras, session.link);
    this.#session = session;
    this.#unlisten = session.listen({ link: tell, cameras: tell });
    tell();
  }

  /** The cameras; `undefined` until the server has answered once. */
  get cameras(): readonly CameraInfo[] | undefined {
    return this.#session.cameras;
  }

  /** How the connection to the server stands. */
  get link(): Link {
    return this.#session.link;
  }

  /** Follow it no more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#unlisten();
    this.#session.release();
  }
}
