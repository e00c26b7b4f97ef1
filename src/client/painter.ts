import type { Picture } from "./picture.ts";
import type { Surface } from "./surface.ts";

/** So many players paint whenever they have a picture. */
const FEW = 4;

/** With more of them, each makes the time between two beats longer by this. */
const EACH_MS = 1;

/** The longest time between two beats: half of what lies between two pictures of a camera with ten a second. */
const SLOWEST_BEAT_MS = 50;

/** A picture that is to be painted, and what follows from that. */
export interface Sheet {
  /** The painter's to close. */
  readonly picture: Picture;
  readonly surfaces: ReadonlySet<Surface>;
  /** It is on the surfaces. */
  painted(): void;
  /** It could not be painted. */
  failed(error: unknown): void;
  /** A newer one came first. */
  overwritten(): void;
}

/**
 * Brings pictures to surfaces: those of a few players at once, those of many together, on a common beat. What is shown has to be
 * composed, and that costs a browser about the same whether one tile of a wall has changed or twenty. Each player has one place
 * to wait at, where a newer picture replaces an older one.
 */
export class Painter {
  readonly #players: () => number;
  readonly #waiting = new Map<object, Sheet>();
  #beat: ReturnType<typeof setTimeout> | undefined;
  #beatAtMs = Number.NEGATIVE_INFINITY;

  /** `players`: how many there are. */
  constructor(players: () => number) {
    this.#players = players;
  }

  /** Paint `sheet` for `owner`, now or at the next beat. */
  put(owner: object, sheet: Sheet): void {
    const older = this.#take(owner);
    if (older !== undefined) {
      older.picture.close();
      older.overwritten();
    }
    const players = this.#players();
    if (players <= FEW) {
      paint(sheet);
      return;
    }
    this.#waiting.set(owner, sheet);
    if (this.#beat !== undefined) return;
    const everyMs = Math.min(SLOWEST_BEAT_MS, players * EACH_MS);
    const waitMs = this.#beatAtMs + everyMs - performance.now();
    this.#beat = setTimeout(() => this.#paintAll(), Math.max(0, waitMs));
  }

  /** `owner` wants nothing painted of what waits; nothing is told of it. */
  drop(owner: object): void {
    this.#take(owner)?.picture.close();
  }

  #take(owner: object): Sheet | undefined {
    const sheet = this.#waiting.get(owner);
    this.#waiting.delete(owner);
    return sheet;
  }

  #paintAll(): void {
    this.#beat = undefined;
    this.#beatAtMs = performance.now();
    const sheets = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const sheet of sheets) paint(sheet);
  }
}

function paint(sheet: Sheet): void {
  const { picture, surfaces } = sheet;
  try {
    for (const surface of surfaces) surface.paint(picture);
  } catch (error) {
    sheet.failed(error);
    return;
  } finally {
    picture.close();
  }
  sheet.painted();
}
