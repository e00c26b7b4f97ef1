import { Floor } from "../flow/floor.ts";
import { Ladder, type LadderReason, type Viewing } from "../flow/ladder.ts";
import type { Signs } from "../flow/vitals.ts";
import type { TrackInfo } from "../protocol/index.ts";
import { rungsFor, type TileSize } from "./rungs.ts";
import type { Way } from "./way.ts";

/** The least delay of a camera follows a route or a clock that changes within twice this time. */
const FLOOR_SPAN_MS = 30_000;

/** Bits per second and bytes of a frame are known after this time. */
const LEARNED_AFTER_MS = 3_000;

/** What a link is believed to carry before anything is known of it. What browsers tell of it is often of another link. */
const START_BPS = 5_000_000;

/** What the choice depends on, beside how the present track does. */
export interface Choices {
  /** What the camera offers. */
  readonly tracks: readonly TrackInfo[];
  /** The ways to show it that work here, best first. */
  readonly ways: readonly Way[];
  /** Of the views. */
  readonly sizes: readonly TileSize[];
}

/** How the track in use does, as its player sees it. */
export interface Playing {
  readonly way: Way;
  readonly catchingUp: boolean;
  signs(nowMs: number): Signs;
}

/**
 * Which track a camera's automatic views watch, and when that changes. All of them watch the same one, by the size of the
 * largest: what is sent for that one costs the small ones nothing, two tracks would share the same link.
 */
export class TrackChoice {
  /** The least delay of the camera's frames, whichever their track. */
  readonly floor: Floor = new Floor(FLOOR_SPAN_MS);
  readonly #ladder = new Ladder(START_BPS);
  readonly #bps = new Map<string, number>();
  readonly #frameBytes = new Map<string, number>();
  #ways: readonly Way[] = [];

  /** The way to show the camera now; `undefined` if there is none. */
  get way(): Way | undefined {
    return this.#ways.find(({ track }) => track === this.#ladder.track);
  }

  /** Why that one. */
  get reason(): LadderReason {
    return this.#ladder.reason;
  }

  /** How often it has changed. */
  get switches(): number {
    return this.#ladder.switches;
  }

  /** Whether the track before is to stop at once, because it was too much, and not when the next one has a picture. */
  get hurry(): boolean {
    return this.reason === "link" || this.reason === "decoder";
  }

  /** There is this to choose from at `nowMs`. */
  offer({ tracks, ways, sizes }: Choices, nowMs: number): void {
    this.#ways = ways;
    const playable = tracks.filter(({ name }) => ways.some(({ track }) => track === name));
    const learned = { bps: this.#bps, frameBytes: this.#frameBytes };
    this.#ladder.offer(rungsFor(playable, largest(sizes), learned), nowMs);
  }

  /** The track in use does like this at `nowMs`, over this connection. */
  look(player: Playing, link: Omit<Viewing, "catchingUp">, nowMs: number): void {
    const { track, decoder } = player.way;
    if (track !== this.#ladder.track) return;
    const signs = player.signs(nowMs);
    if (signs.beganAtMs !== undefined && nowMs - signs.beganAtMs > LEARNED_AFTER_MS) {
      this.#frameBytes.set(track, signs.frameBytes);
      if (decoder !== "image" && signs.lateMs < signs.intervalMs) {
        this.#bps.set(track, Math.max(signs.receivedBps, 0.9 * (this.#bps.get(track) ?? 0)));
      }
    }
    this.#ladder.look(signs, { ...link, catchingUp: player.catchingUp }, nowMs);
  }
}

function largest(sizes: readonly TileSize[]): TileSize {
  let most: TileSize = { width: 0, height: 0 };
  for (const size of sizes) {
    // A view that does not know its size may be any.
    if (size.width === 0 || size.height === 0) return size;
    if (size.width * size.height > most.width * most.height) most = size;
  }
  return most;
}
