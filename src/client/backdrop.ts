import { webSocketUrl } from "./address.ts";
import type { Arrangement } from "./messages.ts";
import { Session } from "./session.ts";

/** Pixels of a backdrop, at most: 64 MB in memory. On a wall that is larger each tile has a canvas of its own. */
const MAX_PIXELS = 16 * 1024 * 1024;

/**
 * One canvas behind many views that lie over it, see {@link Board}: what they show is painted there. The page puts {@link canvas}
 * behind them, and calls {@link arrange} when it has moved them.
 */
export class Backdrop {
  /** To be put behind the views, in a box that has all of them in it. */
  readonly canvas: HTMLCanvasElement = document.createElement("canvas");
  /** Of the views that may lie on it. */
  readonly session: Session;
  readonly #views = new Map<number, HTMLElement>();
  readonly #sizes = new ResizeObserver(() => this.arrange());
  #due = false;
  #arranged = "";

  /** For views of the server whose WebSocket is at `source`; `undefined` where the browser has no such canvases. */
  static on(source: string): Backdrop | undefined {
    return typeof OffscreenCanvas === "function"
      ? new Backdrop(Session.acquire(webSocketUrl(source, document.baseURI)))
      : undefined;
  }

  private constructor(session: Session) {
    this.session = session;
    session.send({ type: "board", canvas: this.canvas });
    this.#sizes.observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.arrange());
  }

  /** The view of this number lies on it from now on, where `place` is. */
  add(view: number, place: HTMLElement): void {
    this.#views.set(view, place);
    this.#sizes.observe(place);
    this.arrange();
  }

  /** The view of this number lies on it no more. */
  remove(view: number): void {
    const place = this.#views.get(view);
    if (place === undefined) return;
    this.#views.delete(view);
    this.#sizes.unobserve(place);
    this.arrange();
  }

  /** Its views have moved, or it has. Soon all of them are where they belong. */
  arrange(): void {
    if (this.#due) return;
    this.#due = true;
    // Behind all that changes the page in this turn, before it is painted.
    queueMicrotask(() => {
      this.#due = false;
      this.#measure();
    });
  }

  #measure(): void {
    const scale = devicePixelRatio;
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const fits = size.width > 0 && size.width * size.height <= MAX_PIXELS;
    const places: Arrangement["places"][number][] = [];
    for (const [view, element] of fits ? this.#views : []) {
      const box = element.getBoundingClientRect();
      if (box.width === 0 || box.height === 0) continue;
      // Edges are rounded, not sizes: neighbours meet.
      const [x, right] = [box.left - left, box.right - left].map((at) => Math.round(at * scale)) as [
        number,
        number,
      ];
      const [y, bottom] = [box.top - top, box.bottom - top].map((at) => Math.round(at * scale)) as [
        number,
        number,
      ];
      places.push({ view, x, y, width: right - x, height: bottom - y });
    }
    const ground = getComputedStyle(document.documentElement).backgroundColor;
    const arrangement: Arrangement = { ...(fits ? size : { width: 1, height: 1 }), ground, places };
    const arranged = JSON.stringify(arrangement);
    if (arranged === this.#arranged) return;
    this.#arranged = arranged;
    this.session.send({ type: "arrange", ...arrangement });
  }
}
