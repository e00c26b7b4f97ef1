import { History } from "./history.ts";
import { Plots } from "./plots.ts";
import type { Stats } from "./stats.ts";

/** The figures of a view: kept for two minutes whether somebody looks or not, and drawn while somebody does. */
export class Figures {
  readonly #history = new History();
  readonly #plots = new Plots();

  /** Draw within `host`; `undefined`: nobody looks. */
  attach(host: HTMLElement | undefined): void {
    this.#plots.attach(host);
  }

  /** It does like this. */
  told(stats: Stats, nowMs: number): void {
    const resting = stats.state === "paused";
    const kept = this.#history.add(nowMs, {
      ageMs: resting ? undefined : stats.state === "live" ? stats.ageMs : stats.pictureAgeMs,
      rate: resting ? undefined : stats.fps,
      bytesPerSecond: resting ? undefined : stats.bytesPerSecond,
    });
    if (kept && this.#plots.drawing) this.#plots.draw(this.#history.columns(nowMs));
  }

  /** It is another camera. */
  clear(): void {
    this.#history.clear();
  }
}
