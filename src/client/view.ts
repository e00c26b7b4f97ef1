import type { Backdrop } from "./backdrop.ts";
import { Screen } from "./screen.ts";
import { Session } from "./session.ts";
import { NO_STATS, type Stats } from "./stats.ts";
import { playsFragments } from "./support.ts";
import type { Segment } from "./surface.ts";
import type { Wish } from "./way.ts";

/** A size that somebody is still changing is none yet. */
const SETTLED_MS = 300;

/** Silence of what paints, after which its picture is no longer taken for a live one. */
const SILENT_MS = 3_000;

/** How often that is looked at. */
const LISTEN_EVERY_MS = 1_000;

/** How to watch. */
export interface ViewOptions {
  /** Where to paint; its size follows the pictures, its look on the page is yours. Default: a new one. */
  readonly canvas?: HTMLCanvasElement | undefined;
  /**
   * Where to play video in a browser without WebCodecs (all of them on plain http); it lies over the canvas, and shows nothing while
   * pictures are painted there. Default: none, and `jpeg` is watched instead.
   */
  readonly video?: HTMLVideoElement | undefined;
  /** The encoding to watch: `h264`, `jpeg`. Default: always the best that link, browser and size can carry. */
  readonly track?: string | undefined;
  /** What decodes it: `webcodecs`, `mse`, `image`. Default: the best. */
  readonly decoder?: string | undefined;
  /** It is shown in a window of its own, which is seen while the page is not. */
  readonly floating?: boolean | undefined;
  /** Called four times a second (of a small view once), and at each change of state. */
  readonly told?: ((stats: Stats) => void) | undefined;
}

/** One live camera on one canvas. While the canvas is scrolled off screen or the page is hidden, it rests. */
export class View {
  /** What it paints on. */
  readonly canvas: HTMLCanvasElement;

  readonly #session: Session;
  readonly #number: number;
  readonly #video: HTMLVideoElement | undefined;
  readonly #told: ((stats: Stats) => void) | undefined;
  readonly #observer: IntersectionObserver;
  readonly #sizes: ResizeObserver;
  readonly #floating: boolean;
  readonly #land: (() => void) | undefined;
  readonly #listening: ReturnType<typeof setInterval>;
  readonly #lifetime = new AbortController();
  #heardAtMs = performance.now();
  #missed = 0;
  #zoom = 1;
  #backdrop: Backdrop | undefined;
  #resized: ReturnType<typeof setTimeout> | undefined;
  #screen: Screen | undefined;
  #camera: string;
  #stats = NO_STATS;
  #heard = NO_STATS;
  #onScreen = false;
  #paused = false;
  #playing = false;
  #closed = false;

  /** Watch `camera` of the server whose WebSocket is at `url` (absolute). */
  constructor(url: string, camera: string, options: ViewOptions = {}) {
    this.canvas = options.canvas ?? document.createElement("canvas");
    this.#camera = camera;
    this.#video = options.video;
    this.#told = options.told;
    this.#session = Session.acquire(url);
    const { canvas } = this;
    const { track, decoder } = options;
    const plays = this.#video !== undefined && playsFragments();
    this.#number = this.#session.show(
      { canvas, camera, wish: { track, decoder }, plays },
      {
        stats: (stats) => this.#hear(stats),
        segment: (segment) => this.#play(segment),
        dark: () => this.#dark(),
      },
    );
    this.#floating = options.floating === true;
    this.#land = this.#floating ? this.#session.float() : undefined;
    const { signal } = this.#lifetime;
    document.addEventListener("visibilitychange", () => this.#settle(), { signal });
    this.#listening = setInterval(() => this.#listen(), LISTEN_EVERY_MS);
    this.#observer = new IntersectionObserver((entries) => {
      this.#onScreen = entries.at(-1)?.isIntersecting ?? false;
      this.#settle();
    });
    this.#observer.observe(this.canvas);
    this.#sizes = new ResizeObserver(() => {
      this.#resize();
    });
    this.#sizes.observe(this.canvas);
    this.#measure();
  }

  /** How it does. */
  get stats(): Stats {
    return this.#stats;
  }

  /** Id of the camera that it shows. Set it to show another. */
  get camera(): string {
    return this.#camera;
  }

  set camera(camera: string) {
    if (camera === this.#camera || this.#closed) return;
    this.#camera = camera;
    this.#session.send({ type: "turn", view: this.#number, camera });
  }

  /** The page enlarges the picture by this: then more of its pixels are worth having. */
  set zoom(zoom: number) {
    if (zoom === this.#zoom || this.#closed) return;
    this.#zoom = zoom;
    this.#resize();
  }

  /** Paint on this backdrop, where the canvas is, and leave the canvas as it is; `undefined`: on the canvas. */
  set backdrop(backdrop: Backdrop | undefined) {
    if (backdrop === this.#backdrop || this.#closed) return;
    this.#backdrop?.remove(this.#number);
    this.#backdrop = backdrop;
    backdrop?.add(this.#number, this.canvas);
  }

  /** Whether it may lie on that: pages and servers have backdrops of their own. */
  fits(backdrop: Backdrop): boolean {
    return backdrop.session === this.#session;
  }

  /** Show it another way: what is absent is chosen, and what this browser cannot do is not done. */
  choose(wish: Wish): void {
    if (!this.#closed) this.#session.send({ type: "wish", view: this.#number, wish });
  }

  /** Ask for no pictures until {@link resume}. */
  pause(): void {
    this.#paused = true;
    this.#settle();
  }

  /** Ask for pictures again. */
  resume(): void {
    this.#paused = false;
    this.#settle();
  }

  /** End it. The canvas keeps its last picture. */
  close(): void {
    if (this.#closed) return;
    this.backdrop = undefined;
    this.#closed = true;
    this.#observer.disconnect();
    this.#sizes.disconnect();
    clearTimeout(this.#resized);
    clearInterval(this.#listening);
    this.#lifetime.abort();
    this.#land?.();
    this.#screen?.close();
    this.#session.hide(this.#number);
    this.#session.release();
  }

  #settle(): void {
    const playing = this.#onScreen && !this.#paused && (this.#floating || !document.hidden);
    if (playing === this.#playing || this.#closed) return;
    this.#playing = playing;
    this.#session.send({ type: "play", view: this.#number, playing });
  }

  #resize(): void {
    clearTimeout(this.#resized);
    this.#resized = setTimeout(() => this.#measure(), SETTLED_MS);
  }

  // A canvas without a size of its own is as large as its pictures: then those are not chosen by it.
  #measure(): void {
    const { clientWidth, clientHeight, width, height } = this.canvas;
    const own = clientWidth !== width || clientHeight !== height;
    const scale = own ? devicePixelRatio * this.#zoom : 0;
    const size = { width: Math.round(clientWidth * scale), height: Math.round(clientHeight * scale) };
    this.#session.send({ type: "size", view: this.#number, ...size });
  }

  // A worker that hangs says nothing, and what it said last was that all is well. One look late is a busy page.
  #listen(): void {
    const silentMs = performance.now() - this.#heardAtMs;
    const quiet = silentMs > SILENT_MS && this.#playing && (this.#floating || !document.hidden);
    this.#missed = quiet ? this.#missed + 1 : 0;
    if (this.#missed < 2) return;
    const { pictureAgeMs } = this.#heard;
    this.#stats = {
      ...this.#heard,
      state: "stale",
      reason: "This page has stopped painting",
      forMs: silentMs,
      pictureAgeMs: pictureAgeMs === undefined ? undefined : pictureAgeMs + silentMs,
      fps: 0,
      bytesPerSecond: 0,
    };
    this.#told?.(this.#stats);
  }

  #hear(stats: Stats): void {
    this.#heardAtMs = performance.now();
    this.#heard = stats;
    this.#stats = stats;
    this.#told?.(stats);
  }

  #play(segment: Segment): void {
    // A video that plays goes on with the new stream, and shows the old one until that has a picture.
    if (segment.fresh && this.#screen === undefined) {
      if (this.#video === undefined || this.#closed) return;
      this.#screen = new Screen(this.#video, {
        presented: (shown) => this.#session.send({ type: "presented", view: this.#number, shown }),
        held: (isHeld) => this.#session.send({ type: "held", view: this.#number, isHeld }),
        trouble: (reason) => {
          this.#screen = undefined;
          this.#session.send({ type: "trouble", view: this.#number, reason });
        },
      });
    }
    this.#screen?.put(segment);
  }

  #dark(): void {
    this.#screen?.close();
    this.#screen = undefined;
  }
}
