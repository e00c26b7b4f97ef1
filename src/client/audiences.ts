import type { StageView } from "./stage-view.ts";

/**
 * The views that somebody can see, by the choice that is made for them. Asked many times between two changes, of a wall of
 * many views: so it is found out once.
 */
export class Audiences {
  readonly #views: ReadonlyMap<number, StageView>;
  #byKey: Map<string, StageView[]> | undefined;

  constructor(views: ReadonlyMap<number, StageView>) {
    this.#views = views;
  }

  /** Those that have this {@link StageView.key}. */
  of(key: string): readonly StageView[] {
    this.#byKey ??= this.#find();
    return this.#byKey.get(key) ?? [];
  }

  /** A view came, went, rests, plays, or shows something else. */
  changed(): void {
    this.#byKey = undefined;
  }

  #find(): Map<string, StageView[]> {
    const found = new Map<string, StageView[]>();
    for (const view of this.#views.values()) {
      if (!view.playing) continue;
      const { key } = view;
      const same = found.get(key);
      if (same === undefined) found.set(key, [view]);
      else same.push(view);
    }
    return found;
  }
}
