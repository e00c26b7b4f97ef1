import { Session } from "./session.ts";
import { NO_STATS, type Stats } from "./stats.ts";

/** How to watch. */
export interface ViewOptions {
  /** Where to paint; its size follows the pictures, its look on the page is yours. Default: a new one. */
  readonly canvas?: HTMLCanvasElement | undefined;
  /** The encoding to watch. Default: `jpeg`, which every camera has. */
  readonly track?: string | undefined;
  /** Called four times a second, and at each change of state. */
  readonly told?: ((stats: Stats) => void) | undefined;
}

/** One live camera on one canvas. While the canvas is scrolled off screen or the page is hidden, it rests. */
export class View {
  /** What it paints on. */
  readonly canvas: HTMLCanvasElement;

  readonly #session: Session;
  readonly #number: number;
  readonly #track: string;
  readonly #told: ((stats: Stats) => void) | undefined;
  readonly #observer: IntersectionObserver;
  #camera: string;
  #stats = NO_STATS;
  #onScreen = false;
  #paused = false;
  #playing = false;
  #closed = false;

  /** Watch `camera` of the server whose WebSocket is at `url` (absolute). */
  constructor(url: string, camera: string, options: ViewOptions = {}) {
    this.canvas = options.canvas ?? document.createElement("canvas");
    this.#camera = camera;
    this.#track = options.track ?? "jpeg";
    this.#told = options.told;
    this.#session = Session.acquire(url);
    this.#number = this.#session.show(this.canvas, camera, this.#track, (stats) => this.#hear(stats));
    this.#observer = new IntersectionObserver((entries) => {
      this.#onScreen = entries.at(-1)?.isIntersecting ?? false;
      this.#settle();
    });
    this.#observer.observe(this.canvas);
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
    this.#session.send({ type: "turn", view: this.#number, camera, track: this.#track });
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
    this.#closed = true;
    this.#observer.disconnect();
    this.#session.hide(this.#number);
    this.#session.release();
  }

  #settle(): void {
    const playing = this.#onScreen && !this.#paused;
    if (playing === this.#playing || this.#closed) return;
    this.#playing = playing;
    this.#session.send({ type: "play", view: this.#number, playing });
  }

  #hear(stats: Stats): void {
    this.#stats = stats;
    this.#told?.(stats);
  }
}
