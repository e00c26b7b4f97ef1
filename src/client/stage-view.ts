import type { Counters, Player, Shown } from "./player.ts";
import type { TileSize } from "./rungs.ts";
import type { Stats } from "./stats.ts";
import type { Surface } from "./surface.ts";
import type { Way, Wish } from "./way.ts";

/** What a view is made of. */
export interface StageViewOptions {
  readonly camera: string;
  readonly wish: Wish;
  /** Whether it has a `<video>`. */
  readonly plays: boolean;
  readonly surface: Surface;
  /** Its canvas shows the pictures from now on, not its `<video>`. */
  readonly dark: () => void;
}

/** Called with a player that the view has left. */
export type Leave = (player: Player) => void;

const NOTHING: Counters = { painted: 0, skipped: 0, overwritten: 0, failed: 0 };

/**
 * One view on a stage: what it shows, and how one player follows another. The next one starts beside the present one, and
 * takes over with its first picture, so that there is always a picture; in a hurry the present one stops first, and its
 * last picture stays.
 */
export class StageView {
  /** Id of the camera that it shows. */
  camera: string;
  /** What somebody asks for. */
  wish: Wish;
  /** Whether anybody can see it. */
  playing = false;
  /** Pixels that it has on the screen. */
  size: TileSize = { width: 0, height: 0 };
  /** Whether it has a `<video>`. */
  readonly plays: boolean;

  readonly #surface: Surface;
  readonly #dark: () => void;
  #isHeld = false;
  #player: Player | undefined;
  #next: Player | undefined;
  #way: Way | undefined;
  #paintedAtMs: number | undefined;
  /** What the player before this one has left on the screen. */
  #shown: Shown | undefined;
  /** What players before this one have counted, and what this one had when it came. */
  #before = NOTHING;
  #joined = NOTHING;

  constructor({ camera, wish, plays, surface, dark }: StageViewOptions) {
    this.camera = camera;
    this.wish = wish;
    this.plays = plays;
    this.#surface = surface;
    this.#dark = dark;
  }

  /** Whether the browser does not let its `<video>` play. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Whether its track is chosen for it. */
  get automatic(): boolean {
    return !this.wish.track;
  }

  /** What it has in common with all views that the same choice is made for. */
  get key(): string {
    return `${this.camera}/${this.wish.decoder ?? ""}/${this.plays}`;
  }

  /** Where its pictures are painted. */
  get surface(): Surface {
    return this.#surface;
  }

  /** What it shows; `undefined` while it rests. */
  get player(): Player | undefined {
    return this.#player;
  }

  /** What it is about to show, else what it shows. */
  get latest(): Player | undefined {
    return this.#next ?? this.#player;
  }

  /** The way of the picture on the screen; before the first one, of that to come. */
  get way(): Way | undefined {
    return this.#way ?? this.#player?.way;
  }

  /** When it got its last picture. */
  get paintedAtMs(): number | undefined {
    return this.#player?.paintedAtMs ?? this.#paintedAtMs;
  }

  /** How old the picture on the screen is; `undefined` if there is none. */
  pictureAgeMs(nowMs: number): number | undefined {
    const shown = this.#player?.shown ?? this.#shown;
    return shown && nowMs - shown.paintedAtMs + shown.ageMs;
  }

  /** What was counted since it began to play. */
  counts(): Pick<Stats, "framesPainted" | "framesSkipped" | "framesOverwritten" | "framesFailed"> {
    const total = plus(this.#before, this.#player?.counters ?? NOTHING, this.#joined);
    return {
      framesPainted: total.painted,
      framesSkipped: total.skipped,
      framesOverwritten: total.overwritten,
      framesFailed: total.failed,
    };
  }

  /** Show `player` as soon as it has a picture; with `hurry`, the present one shows no more from now on. */
  follow(player: Player, hurry: boolean, leave: Leave): void {
    this.#quit(this.#next, leave);
    this.#next = undefined;
    if (player === this.#player) return;
    player.views.add(this);
    player.viewsChanged();
    player.surfaces.add(this.#surface);
    this.#next = player;
    if (this.#player === undefined || hurry || player.paintedAtMs !== undefined) this.#turnOver(leave);
  }

  /** The first piece of the stream goes to the view's `<video>`. */
  takeOver(stream: number, leave: Leave): void {
    if (this.#next?.stream === stream) this.#turnOver(leave);
  }

  /** `player` has its first picture on the screen. */
  began(player: Player, leave: Leave): void {
    if (player === this.#next) this.#turnOver(leave);
    if (player === this.#player) this.#show(player);
  }

  /** The pictures of before say nothing about what comes. */
  restart(): void {
    this.#paintedAtMs = undefined;
  }

  /** Show another camera. */
  turn(camera: string): void {
    this.#surface.clear();
    this.#shown = undefined;
    this.camera = camera;
  }

  /** The browser does not let its `<video>` play, or does again. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#player?.viewsChanged();
    this.#next?.viewsChanged();
  }

  /** Its `<video>` has failed, and is no more. */
  trouble(reason: string): void {
    this.hold(false);
    this.#player?.trouble(reason);
  }

  /** Show nothing new. Counts start anew. */
  stop(leave: Leave): void {
    const { latest } = this;
    // A video takes its picture along.
    this.#shown = this.#player?.plays === true ? undefined : (this.#player?.shown ?? this.#shown);
    this.#quit(this.#next, leave);
    this.#next = undefined;
    this.#quit(this.#player, leave);
    this.#player = undefined;
    this.#way = undefined;
    this.#paintedAtMs = undefined;
    this.#before = NOTHING;
    this.#joined = NOTHING;
    if (latest !== undefined) this.#darken();
  }

  #turnOver(leave: Leave): void {
    const last = this.#player;
    const player = this.#next;
    if (player === undefined) return;
    this.#next = undefined;
    this.#player = player;
    if (last !== undefined) {
      this.#paintedAtMs = last.paintedAtMs ?? this.#paintedAtMs;
      this.#shown = last.shown ?? this.#shown;
      this.#before = plus(this.#before, last.counters, this.#joined);
      this.#joined = { ...player.counters };
      this.#quit(last, leave);
    }
    if (player.paintedAtMs !== undefined && !player.plays) this.#show(player);
  }

  #show(player: Player): void {
    const wasVideo = this.#way?.decoder === "mse";
    this.#way = player.way;
    if (wasVideo && !player.plays) this.#darken();
  }

  // The next `<video>` says itself whether it may play.
  #darken(): void {
    this.hold(false);
    this.#dark();
  }

  #quit(player: Player | undefined, leave: Leave): void {
    if (player === undefined) return;
    player.views.delete(this);
    player.surfaces.delete(this.#surface);
    player.viewsChanged();
    leave(player);
  }
}

function plus(before: Counters, now: Counters, then: Counters): Counters {
  return {
    painted: before.painted + now.painted - then.painted,
    skipped: before.skipped + now.skipped - then.skipped,
    overwritten: before.overwritten + now.overwritten - then.overwritten,
    failed: before.failed + now.failed - then.failed,
  };
}
