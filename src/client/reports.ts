import type { TileSize } from "./rungs.ts";

/** A view below this width, in pixels of the screen, is one of many, and its numbers are small print. */
const SMALL_WIDTH = 640;

/** Beats between two regular reports of a small view. */
const SMALL_BEATS = 4;

/** Beats of a view whose numbers somebody reads. */
const LARGE_BEATS = 1;

/**
 * When the page hears how its views do. Regularly: the large ones at each beat, small ones in turn, at every fourth, so
 * that a wall of many costs the page no more than a few. And soon after something has changed, however much it was, in
 * one message.
 */
export class Reports {
  readonly #views: ReadonlyMap<number, { readonly size: TileSize }>;
  readonly #report: (views: readonly number[]) => void;
  readonly #changed = new Set<number>();
  #beats = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `report` is called with numbers of `views`. */
  constructor(
    views: ReadonlyMap<number, { readonly size: TileSize }>,
    report: (views: readonly number[]) => void,
  ) {
    this.#views = views;
    this.#report = report;
  }

  /** A quarter of a second has passed. */
  beat(): void {
    this.#beats++;
    const due = [...this.#views.keys()].filter((view) => (view + this.#beats) % this.#every(view) === 0);
    if (due.length > 0) this.#report(due);
  }

  /** Something has changed: for one view, or for all. */
  changed(view?: number): void {
    if (view === undefined) for (const each of this.#views.keys()) this.#changed.add(each);
    else this.#changed.add(view);
    this.#timer ??= setTimeout(() => this.#flush());
  }

  /** Report no more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#changed.clear();
  }

  #every(view: number): number {
    const width = this.#views.get(view)?.size.width ?? 0;
    return width > 0 && width < SMALL_WIDTH ? SMALL_BEATS : LARGE_BEATS;
  }

  #flush(): void {
    this.#timer = undefined;
    const views = [...this.#changed].filter((view) => this.#views.has(view));
    this.#changed.clear();
    if (views.length > 0) this.#report(views);
  }
}
