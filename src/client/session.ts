import type { CameraInfo } from "../protocol/index.ts";
import type { Link } from "./link.ts";
import type { Command, Report } from "./messages.ts";
import { Sharing } from "./sharing.ts";
import { Stage } from "./stage.ts";
import type { Stats } from "./stats.ts";
import type { Segment } from "./surface.ts";
import type { Wish } from "./way.ts";

/** A session that nobody uses is kept this long: an element that moves within its page keeps the connection. */
const LINGER_MS = 1_000;

/** Who wants to know what a {@link Session} knows. */
export interface SessionListener {
  /** The connection to the server changed. */
  link?(link: Link): void;
  /** The directory of cameras changed. */
  cameras?(cameras: readonly CameraInfo[]): void;
}

/** What a {@link Session} tells a view. */
export interface ViewListener {
  /** How it does. */
  stats(stats: Stats): void;
  /** The next piece for its `<video>`. */
  segment(segment: Segment): void;
  /** Its canvas shows the pictures from now on, not its `<video>`. */
  dark(): void;
}

/** What a view of a {@link Session} shows, and where. */
export interface ViewRequest {
  /** Its pixels belong to the session from now on. */
  readonly canvas: HTMLCanvasElement;
  readonly camera: string;
  readonly wish: Wish;
  /** Whether it has a `<video>` too, which plays fragments. */
  readonly plays: boolean;
}

// Elements of one page that name the same server share one connection. They find each other here, because a page
// puts them anywhere and wires nothing.
const sessions = new Map<string, Session>();

/**
 * One server as one page sees it: the page's side of a {@link Stage}, which lives in a worker where the browser can
 * paint there, else right here.
 */
export class Session {
  readonly #url: string;
  readonly #listeners = new Set<SessionListener>();
  readonly #views = new Map<number, ViewListener>();
  readonly #lifetime = new AbortController();
  readonly #sharing: Sharing | undefined;
  #users = 0;
  #floating = 0;
  #nextView = 1;
  #worker: Worker | undefined;
  #stage: Stage | undefined;
  #ready = false;
  #held: Command[] = [];
  #link: Link = { state: "connecting", sinceMs: Date.now() };
  #cameras: readonly CameraInfo[] | undefined;

  /** The session with the server at `url` (absolute), shared by all who ask. {@link release} it once. */
  static acquire(url: string): Session {
    let session = sessions.get(url);
    if (session === undefined) {
      session = new Session(url);
      sessions.set(url, session);
    }
    session.#users++;
    return session;
  }

  private constructor(url: string) {
    this.#url = url;
    this.#attend();
    this.#cast();
    this.#sharing = Sharing.start(() => this.send({ type: "alone" }));
    this.send({ type: "open", url, hub: this.#sharing?.port });
    this.#look();
  }

  /** How the connection stands. */
  get link(): Link {
    return this.#link;
  }

  /** The directory; `undefined` until the server has told it once. */
  get cameras(): readonly CameraInfo[] | undefined {
    return this.#cameras;
  }

  /** The pictures are painted by a worker. */
  get threaded(): boolean {
    return this.#worker !== undefined;
  }

  /** Hear of every change from now on. Returns how to stop that. */
  listen(listener: SessionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A view floats in a window of its own: somebody looks, though the page may be hidden. Returns how to end that. */
  float(): () => void {
    this.#floating++;
    this.#look();
    return () => {
      this.#floating--;
      this.#look();
    };
  }

  /** A new view. Returns its number. */
  show(request: ViewRequest, listener: ViewListener): number {
    const view = this.#nextView++;
    this.#views.set(view, listener);
    this.send({ type: "show", view, ...request });
    return view;
  }

  /** The view ends. */
  hide(view: number): void {
    this.#views.delete(view);
    this.send({ type: "hide", view });
  }

  /** Tell the stage. */
  send(command: Command): void {
    if (this.#stage !== undefined) this.#stage.obey(command);
    else if (this.#ready) this.#post(command);
    else this.#held.push(command);
  }

  /** This user needs it no more; after the last one it closes. */
  release(): void {
    this.#users--;
    if (this.#users > 0) return;
    setTimeout(() => {
      if (this.#users === 0 && sessions.get(this.#url) === this) this.#close();
    }, LINGER_MS);
  }

  #close(): void {
    sessions.delete(this.#url);
    this.#lifetime.abort();
    this.send({ type: "close" });
    this.#sharing?.close();
    this.#worker?.terminate();
  }

  #attend(): void {
    const { signal } = this.#lifetime;
    const look = (): void => this.#look();
    document.addEventListener("visibilitychange", look, { signal });
    // A page that comes out of the back-forward cache was frozen, connection and all.
    addEventListener("pageshow", look, { signal });
    addEventListener("online", () => this.send({ type: "retry" }), { signal });
  }

  #look(): void {
    this.send({ type: "attend", visible: !document.hidden || this.#floating > 0 });
  }

  #cast(): void {
    if (!paintsInWorker()) {
      this.#stay();
      return;
    }
    let worker: Worker;
    try {
      worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name: "hello-camera" });
    } catch {
      this.#stay();
      return;
    }
    this.#worker = worker;
    worker.addEventListener("message", (event: MessageEvent<Report>) => this.#hear(event.data));
    worker.addEventListener("error", () => {
      // Not loaded: forbidden by the page's policy, or served from another origin.
      if (!this.#ready) this.#stay();
    });
  }

  // Everything runs on this thread.
  #stay(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    const stage = new Stage((report) => this.#hear(report));
    this.#stage = stage;
    for (const command of this.#held.splice(0)) stage.obey(command);
  }

  #post(command: Command): void {
    if (
      (command.type === "show" || command.type === "board") &&
      command.canvas instanceof HTMLCanvasElement
    ) {
      // Once a canvas is handed over it cannot be taken back: never before the worker has said that it can paint.
      const canvas = command.canvas.transferControlToOffscreen();
      this.#worker?.postMessage({ ...command, canvas }, [canvas]);
    } else if (command.type === "open" && command.hub !== undefined) {
      this.#worker?.postMessage(command, [command.hub]);
    } else {
      this.#worker?.postMessage(command);
    }
  }

  #hear(report: Report): void {
    switch (report.type) {
      case "ready":
        this.#ready = true;
        for (const command of this.#held.splice(0)) this.#post(command);
        break;
      case "unable":
        this.#stay();
        break;
      case "link":
        this.#link = report.link;
        for (const listener of this.#listeners) listener.link?.(report.link);
        break;
      case "cameras":
        this.#cameras = report.cameras;
        for (const listener of this.#listeners) listener.cameras?.(report.cameras);
        break;
      case "stats":
        for (const { view, stats } of report.views) this.#views.get(view)?.stats(stats);
        break;
      case "dark":
        this.#views.get(report.view)?.dark();
        break;
      case "segment":
        this.#views.get(report.view)?.segment(report.segment);
        break;
    }
  }
}

function paintsInWorker(): boolean {
  return (
    typeof Worker === "function" &&
    typeof OffscreenCanvas === "function" &&
    typeof HTMLCanvasElement.prototype.transferControlToOffscreen === "function"
  );
}
